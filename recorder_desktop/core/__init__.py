"""The rules of uploading, free of threads, disk, network and Qt: standard library only."""
