import io

from openpyxl import Workbook
from PIL import Image
from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.lib.pagesizes import A4
from reportlab.platypus import Paragraph, SimpleDocTemplate


def sheet(products):
    book = Workbook()
    for product in products:
        book.active.append([product.name, product.price])
    return book


def document(text):
    file = io.BytesIO()
    SimpleDocTemplate(file, pagesize=A4).build([Paragraph(text)])
    return file.getvalue()


def chart(numbers):
    bars = VerticalBarChart()
    bars.data = [numbers]
    return bars


def thumbnail(file):
    picture = Image.open(file)
    picture.thumbnail((64, 64))
    return picture
