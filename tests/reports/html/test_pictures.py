"""Pictures of an evaluation."""

from denovo.reports.html.evaluation import evaluation_pictures
from tests.helpers.evaluations import judged


def test_each_picture_has_a_caption_that_says_what_it_shows():
    pictures = list(evaluation_pictures(judged(), 10))
    assert [picture.name for picture in pictures] == [
        "precision_coverage",
        "reliability",
        "breakdown",
    ]
    curve, reliability, _ = pictures
    assert "by probability" in curve.caption
    assert "by log-probability" in curve.caption
    assert "Expected calibration error 0." in reliability.caption
    for picture in pictures:
        picture.figure.canvas.draw()


def test_without_probabilities_or_answers_there_is_less_to_draw():
    names = [p.name for p in evaluation_pictures(judged(is_calibrated=False), 10)]
    assert names == ["precision_coverage", "breakdown"]
    for picture in evaluation_pictures(judged(n=5, n_silent=5), 10):
        picture.figure.canvas.draw()
