"""The part of Hotclub that runs inside a Python worker. Standard library only, 3.9 to 3.14.

A worker is one process that boots a Django project the way ``manage.py test`` does and then
serves requests of the Hotclub server, one at a time, on its main thread. Read ``worker.py``
first: it names every request; ``boot.py`` is how a process becomes a worker.
"""
