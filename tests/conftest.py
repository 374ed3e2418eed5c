import signal

pytest_plugins = ["tests.fixtures"]

# A shell starts what it puts in the background with SIGINT ignored, and so would be every program that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
