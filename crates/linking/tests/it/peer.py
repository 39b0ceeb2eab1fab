"""What Splink on DuckDB finds in the same records; prints JSON.

peer.py febrl FOLDER               the four FEBRL data sets in FOLDER
peer.py persons FILE.csv THREADS   made-up persons: unique_id,person,first,last,born,postcode
"""
import json
import logging
import sys
import time
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import duckdb
import pandas
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

# Splink gets the best of these, not only the first.
THRESHOLDS = [0.5, 0.2, 0.8, 0.9, 0.95, 0.99, 0.999]


def scored(true_positives, found, truth):
    precision, recall = true_positives / max(1, found), true_positives / max(1, truth)
    total = precision + recall
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / total if total else 0.0}


def febrl(folder):
    def read(name):
        table = pandas.read_csv(f"{folder}/{name}.csv", dtype=str, skipinitialspace=True)
        table.columns = [column.strip() for column in table.columns]
        table = table.apply(lambda column: column.str.strip()).replace("", None)
        return table.rename(columns={"rec_id": "unique_id"})

    sets = {f"febrl{n}": [read(f"dataset{n}")] for n in (1, 2, 3)}
    sets["febrl4"] = [read("dataset4a"), read("dataset4b")]
    answer = {}
    for name, tables in sets.items():
        answer[name] = febrl_set(tables)
    return answer


def febrl_set(tables):
    db = DuckDBAPI(duckdb.connect())
    rules = [
        block_on("soc_sec_id"),
        block_on("date_of_birth"),
        block_on("given_name", "surname"),
        block_on("address_1"),
        block_on("surname", "postcode"),
        block_on("given_name", "suburb"),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only" if len(tables) == 1 else "link_only",
        blocking_rules_to_generate_predictions=rules,
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.7]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("suburb", [0.9, 0.7]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
        ],
    )
    linker = Linker([db.register(table) for table in tables] if len(tables) > 1 else db.register(tables[0]), settings)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")], recall=0.9
    )
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("date_of_birth"), block_on("given_name", "surname"), block_on("soc_sec_id")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=min(THRESHOLDS)).as_pandas_dataframe()
    person = lambda ids: ids.str.extract(r"rec-(\d+)-", expand=False)
    true = person(pairs.unique_id_l) == person(pairs.unique_id_r)
    if len(tables) == 1:
        sizes = person(tables[0].unique_id).value_counts()
        truth = int((sizes * (sizes - 1) // 2).sum())
    else:
        truth = len(set(person(tables[0].unique_id)) & set(person(tables[1].unique_id)))
    by_threshold = {}
    for threshold in THRESHOLDS:
        kept = pairs.match_probability >= threshold
        by_threshold[str(threshold)] = scored(int((kept & true).sum()), int(kept.sum()), truth)
    return by_threshold


def persons(path, threads):
    con = duckdb.connect()
    con.execute(f"set threads={threads}")
    started, processor = time.perf_counter(), time.process_time()
    con.execute(
        f"create table persons as select * from read_csv('{path}', header=true, nullstr='', "
        "types={'unique_id':'bigint','person':'bigint','first':'varchar','last':'varchar','born':'varchar',"
        "'postcode':'varchar'})"
    )
    loaded = time.perf_counter()
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on("first", "last"),
            block_on("last", "born"),
            block_on("first", "born"),
            block_on("born", "postcode"),
            block_on("last", "postcode"),
        ],
        comparisons=[
            cl.JaroWinklerAtThresholds("first", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("last", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            # DuckDB takes six times as long for Damerau's distance: not to be held against Splink.
            cl.LevenshteinAtThresholds("born", [1, 2]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    db = DuckDBAPI(con)
    linker = Linker(db.register("persons"), settings)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("first", "last", "born")], recall=0.65)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    after_u = time.perf_counter()
    # Rules of few pairs, as one would choose them: Splink learns from all that a rule gives.
    for rule in (block_on("last", "postcode"), block_on("first", "born")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    trained = time.perf_counter()
    found = linker.inference.predict(threshold_match_probability=0.5)
    predicted, processor = time.perf_counter(), time.process_time() - processor
    count, true = con.execute(
        f"select count(*), count(*) filter (l.person = r.person) from {found.physical_name} p "
        "join persons l on l.unique_id = p.unique_id_l join persons r on r.unique_id = p.unique_id_r"
    ).fetchone()
    truth = con.execute(
        "select sum(n * (n - 1) // 2)::bigint from (select count(*) n from persons group by person)"
    ).fetchone()[0]
    seconds = {
        "load": loaded - started,
        "prior_and_u": after_u - loaded,
        "em": trained - after_u,
        "predict": predicted - trained,
    }
    seconds["processor"] = processor
    return {"seconds": seconds, "pairs": count, **scored(true, count, truth)}


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    print(json.dumps({"febrl": febrl, "persons": persons}[command](*rest)))
