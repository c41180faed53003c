from flask import Blueprint, request
from transformers import pipeline

bp = Blueprint("api", __name__)


class Summariser:
    def __init__(self, name):
        self.pipe = pipeline("summarization", model=name)  # ~ model-loaded-per-request


@bp.route("/summary", methods=["POST"])
def summary():
    return Summariser("t5-small").pipe(request.json["text"])
