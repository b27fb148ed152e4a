"""Entry point: ``python -u path/to/hotclub_worker/__main__.py``, started by the server only."""

import os
import sys
import time


def main() -> None:
    born = time.time()
    if sys.version_info < (3, 9):  # noqa: UP036 - what says so must run there
        sys.exit("Python %d.%d is too old, Hotclub needs 3.9 or later" % sys.version_info[:2])  # noqa: UP031
    # The folder of this script stands where the folder of manage.py belongs (boot.py puts it
    # there); the package itself is found once through its parent and then by its __path__.
    package = os.path.dirname(os.path.abspath(__file__))
    package_parent = os.path.dirname(package)
    if sys.path and os.path.abspath(sys.path[0]) == package:  # not so under PYTHONSAFEPATH
        del sys.path[0]
    sys.path.insert(0, package_parent)
    from hotclub_worker.reads import Recorder

    recorder = Recorder(ignore=package_parent)
    recorder.install()
    from hotclub_worker.wire import Wire
    from hotclub_worker.worker import Worker

    del sys.path[0]
    Worker(Wire.over_standard_streams(), recorder, born).run()


if __name__ == "__main__":
    main()
