"""Tests of the Python side by itself: ``python -m unittest discover -t . -s tests`` in the folder
above, with an interpreter that has Django (``.ci/agent-tests`` goes through all of them)."""
