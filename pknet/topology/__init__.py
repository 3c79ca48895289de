"""Floor 6: YAML -> a frozen Spec, with all faults at once -> objects, wired."""
