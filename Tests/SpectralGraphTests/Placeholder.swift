// Tests of the graphs follow.
