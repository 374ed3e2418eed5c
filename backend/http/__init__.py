"""The HTTP edge: parse a request, call one service, write the answer."""
