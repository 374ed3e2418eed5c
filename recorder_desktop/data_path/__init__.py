"""The bytes of files: read, summed and sent, in this process or in one of its own."""
