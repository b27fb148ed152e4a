import jsonschema
import networkx
import requests
import stripe
from boto3.s3.transfer import TransferConfig
from celery.result import AsyncResult
from sqlalchemy import Column, Integer, String, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import declarative_base
from sympy.stats import Normal, P

UPLOADS = TransferConfig(max_concurrency=2)
ORDER = {"type": "object", "required": ["product"]}


class Warehouse(declarative_base()):
    __tablename__ = "warehouse"

    id = Column(Integer, primary_key=True)
    place = Column(String(20))


def places():
    return str(select(Warehouse.place).compile(dialect=postgresql.dialect()))


def accept(order):
    jsonschema.validate(order, ORDER)


def shortage(mean, stock):
    return float(P(Normal("demand", mean, mean / 4) > stock))


def paid(task):
    return AsyncResult(task).ready()


def route(ways, start, end):
    return networkx.shortest_path(networkx.Graph(ways), start, end)


def pay(amount, source):
    return stripe.Charge.create(amount=amount, currency="eur", source=source)


def rate(currency):
    return requests.get("https://rates.example/" + currency, timeout=5).json()
