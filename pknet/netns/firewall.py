"""The rules of a namespace, hung into its hooks.

Law: loading rules decides what runs at each hook, as modprobe and nf_ct_netns_get do: a table
that no text mentions is not walked, and nothing is tracked that no rule needs tracked.
"""
