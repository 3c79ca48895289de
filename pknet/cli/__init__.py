"""Floor 9: the commands. One file each; a command imports what it needs when it runs."""
