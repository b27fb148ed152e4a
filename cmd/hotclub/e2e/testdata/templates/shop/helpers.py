import django.db.models


def words():
    return ["called"]


def compute():
    return ["computed"]


def never():
    return ["never"]


COMPUTED = compute()


class Code(django.db.models.CharField):
    def db_type(self, connection):
        return super().db_type(connection)

    def formfield(self, **kwargs):
        return super().formfield(**kwargs)


def default_code():
    return "code"
