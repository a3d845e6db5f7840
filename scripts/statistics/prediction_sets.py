"""Random prediction sets for check_statistics.py, degenerate ones included, and the many ways to write them as CSV."""
import csv
import io

KINDS = ["plain", "never_predicted", "never_true", "one_class", "all_right", "all_wrong", "single_clips", "one_subject",
         "one_clip", "rare_class", "unbalanced", "odd_names"]
NAMES = ["negative", "positive", "surprise", "disgust", "fear", "sadness", "anger"]
ODD = ["a,b", 'say "x"', "über", " space", "line\nend", "0", "Ω"]


def draw(random, kind):
    """The rows (fold, subject, clip, label) of a set with two methods' predictions."""
    classes = 1 if kind == "one_class" else int(random.integers(2, 8))
    names = ODD if kind == "odd_names" else NAMES
    subjects = 1 if kind in ("one_subject", "one_clip") else int(random.integers(2, 40))
    rows = []
    for subject in range(subjects):
        clips = 1 if kind in ("single_clips", "one_clip") or random.random() < 0.1 else int(random.integers(1, 25))
        for clip in range(clips):
            label = int(random.integers(classes))
            if kind == "unbalanced" and random.random() < 0.85:
                label = 0
            if kind == "rare_class" and label == classes - 1 and subject > 0:
                label = 0
            rows.append([f"S{subject:02d}", f"EP{clip // 3}_{clip % 3}", label])
    skills = random.random(2)
    return [[f"fold {subject}", subject, clip, names[label]]
            + [names[predict(random, kind, label, classes, skill)] for skill in skills]
            for subject, clip, label in rows]


def predict(random, kind, label, classes, skill):
    """One prediction, by a method of this skill."""
    if kind == "all_right":
        return label
    if kind == "all_wrong":
        return (label + 1 + int(random.integers(classes - 1))) % classes
    guess = label if random.random() < skill else int(random.integers(classes))
    if kind == "never_predicted" and guess == classes - 1:
        return 0
    if kind == "never_true" and random.random() < 0.1:
        return min(classes, 6)
    return guess


def text(random, rows, method):
    """The rows with one method's predictions as the bytes of a CSV file, and the flags that choose them."""
    columns = ["fold", "subject", "clip", "label", "predicted"]
    records = [dict(zip(columns, row[:4] + [row[4 + method]])) for row in rows]
    flags = []
    if random.random() < 0.3:
        # The same clips by another configuration and another seed, which are not to be scored.
        for record in records:
            record.update(configuration="this, one", seed="2")
        others = [dict(record, configuration=name, seed=seed, predicted=record["label"])
                  for record in records for name, seed in (("this, one", "1"), ("other", "2"))]
        records += others
        columns = columns + ["configuration", "seed"]
        flags = ["--configuration", "this, one", "--seed", "2"]
    if random.random() < 0.3:
        columns = columns + ["score_x"]
        for record in records:
            record["score_x"] = repr(float(random.normal()))
    records = [records[place] for place in random.permutation(len(records))]
    columns = [columns[place] for place in random.permutation(len(columns))]
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\r\n" if random.random() < 0.5 else "\n",
                            quoting=csv.QUOTE_ALL if random.random() < 0.3 else csv.QUOTE_MINIMAL)
    writer.writeheader()
    writer.writerows(records)
    mark = "\ufeff" if random.random() < 0.3 else ""
    return (mark + out.getvalue()).encode(), flags
