"""The routes: each parses its request, calls one service and writes the answer.

Services block, so they run on the framework's threads: one way there and back a request, since that way costs more
than a route itself. Reading the body and writing the answer stay on the event loop.
"""
