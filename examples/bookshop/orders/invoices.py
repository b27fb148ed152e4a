"""Plain-text invoices."""

WIDTH = 60


def row(left, right):
    """Return a line of the invoice with the amount at the right.

    >>> len(row("Emma", "7.99"))
    60
    >>> row("x" * 80, "7.99").endswith("…  7.99")
    True
    """
    room = WIDTH - len(right) - 2
    if len(left) > room:
        left = left[: room - 1] + "…"
    return f"{left:<{room}}  {right}"


def render_invoice(order):
    """Return the invoice of a paid order as text."""
    rule = "-" * WIDTH
    lines = [f"INVOICE {order.invoice.number}", f"Order {order.number}", rule]
    lines += [
        row(f"{line.quantity} x {line.title}", f"{line.amount}") for line in order.lines.all()
    ]
    lines += [rule, row("Books", f"{order.subtotal}")]
    if order.discount:
        lines.append(row("Discount", f"-{order.discount}"))
    lines += [row("Shipping", f"{order.shipping}"), row("Tax", f"{order.tax}")]
    lines += [rule, row("TOTAL", f"{order.total}")]
    return "\n".join(lines) + "\n"


def write_invoice(order, folder):
    """Write the invoice to a folder and return its path."""
    path = folder / f"invoice-{order.invoice.number}.txt"
    path.write_text(render_invoice(order), encoding="utf-8")
    return path
