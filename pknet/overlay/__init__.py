"""Floor 5b: devices that carry packets inside packets. They stand on a namespace's own way out."""
