"""The commands: what they ask of the owner of the queue, how the owner answers, and how the answers are printed."""
