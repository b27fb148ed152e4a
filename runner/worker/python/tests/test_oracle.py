"""What the worker does with the settings of Oracle databases; no server has been met."""

import unittest

from hotclub_worker.oracle import password_of

from .support import script

# Two aliases with one NAME, told apart by their users; the backend's own switch to a test user is
# Django's (``OracleDatabaseCreation._switch_to_test_user``), told again here for want of a driver.
SETTINGS = """
    import json
    from django.conf import settings

    settings.configure(DATABASES={
        "default": {"ENGINE": "django.db.backends.dummy", "NAME": "orcl", "USER": "shop",
                    "PASSWORD": "tiger", "TEST": {"CREATE_DB": True}},
    })
    from hotclub_worker.oracle import KIND

    class Creation:
        def _switch_to_test_user(self, parameters):
            entry = settings.DATABASES["default"]
            entry["SAVED_USER"], entry["SAVED_PASSWORD"] = entry["USER"], entry["PASSWORD"]
            entry["USER"] = entry["TEST"]["USER"] = parameters["user"]
            entry["PASSWORD"] = parameters["password"]

    class Connection:
        alias, vendor, creation, connection = "default", "oracle", Creation(), None
        settings_dict = settings.DATABASES["default"]

    entry = settings.DATABASES["default"]
    seen = [json.loads(json.dumps(entry))]
    remembered = KIND.remember(Connection)
    KIND.guard(Connection)
    seen.append(json.loads(json.dumps(entry)))
    KIND.recall(Connection, remembered)
    KIND.point(Connection, "HCC_ABC_1")
    seen.append(json.loads(json.dumps(entry)))
    KIND.recall(Connection, remembered)
    seen.append(json.loads(json.dumps(entry)))
    KIND.before_build(Connection, {"path": "HCB_ABC_1"})
    seen.append(json.loads(json.dumps(entry)))
    KIND.recall(Connection, remembered)
    seen.append(json.loads(json.dumps(entry)))
    print(json.dumps(seen))
"""


class OracleTests(unittest.TestCase):
    def test_the_password_is_the_one_that_the_server_gave(self) -> None:
        # The same vector as in dbclone/oracle/text_test.go.
        settings = {"PASSWORD": "tiger", "TEST": {}}
        self.assertEqual(password_of(settings, "HCC_ABC_1"), "Hc1an2nnyzltovm6654k4vhn4unrf")
        self.assertEqual(password_of({**settings, "TEST": {"PASSWORD": "p"}}, "HCC_ABC_1"), "p")

    def test_users_come_and_go(self) -> None:
        first, guarded, attached, back, building, last = script(SETTINGS)
        self.assertEqual(guarded["USER"], "HOTCLUB_UNATTACHED")
        self.assertNotIn("tiger", guarded.values())
        self.assertEqual(attached["USER"], "HCC_ABC_1")
        self.assertEqual(attached["PASSWORD"], "Hc1an2nnyzltovm6654k4vhn4unrf")
        self.assertEqual(attached["SAVED_USER"], "shop")
        self.assertEqual(building["USER"], "shop")
        self.assertEqual(
            {name: building["TEST"][name] for name in ("USER", "CREATE_USER", "CREATE_DB")},
            {"USER": "HCB_ABC_1", "CREATE_USER": False, "CREATE_DB": False},
        )
        self.assertEqual([back, last], [first, first])
