// The page's style sheet: light and dark, wide and narrow, screen and paper. No file and no font from elsewhere.

/// The style sheet; colours are custom properties, so that dark mode changes one block. Holds neither "<" nor "&".
let styleSheet = """
  :root { color-scheme: light dark; --paper: #fcfbf8; --ink: #1d1f21; --soft: #5d6166; --line: #dcd9d1;
    --raised: #f4f2ec; --accent: #1f5f7a; --heat: 33, 113, 148; --warn: #9a3412; --warnbg: #fdf1e7;
    --c1: #1f6f8b; --c2: #c8782a; --c3: #6a8f3c; --c4: #8661a8; --mark: #1d1f21; --grid: #c9c6bd; }
  @media (prefers-color-scheme: dark) { :root { --paper: #15181b; --ink: #e7e5df; --soft: #a3a7ab; --line: #363b40;
    --raised: #1d2125; --accent: #7cc4df; --heat: 86, 170, 205; --warn: #f3b183; --warnbg: #33231a;
    --c1: #5fb3d0; --c2: #e0a05a; --c3: #9cc36b; --c4: #b99ad6; --mark: #f1efe9; --grid: #41474d; } }
  * { box-sizing: border-box; }
  html { -webkit-text-size-adjust: 100%; }
  body { margin: 0 auto; max-width: 66rem; padding: 2rem 1.5rem 4rem; background: var(--paper); color: var(--ink);
    font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
  h1, h2, h3 { line-height: 1.2; font-weight: 650; text-wrap: balance; }
  h1 { font-size: 2rem; margin: .2rem 0 .8rem; overflow-wrap: anywhere; }
  h2 { font-size: 1.3rem; margin: 0 0 .9rem; }
  h3 { font-size: 1rem; margin: 1.4rem 0 .5rem; overflow-wrap: anywhere; }
  p { margin: .5rem 0; max-width: 46rem; }
  section { margin-top: 2.6rem; padding-top: 1.6rem; border-top: 1px solid var(--line); }
  .kicker { margin: 0; color: var(--soft); font-size: .85rem; letter-spacing: .04em; }
  .lead { font-size: 1.08rem; }
  .stamp { display: inline-block; margin-left: .6em; padding: 0 .5em; border: 1px solid var(--warn); color: var(--warn);
    border-radius: .3em; font-size: .8rem; font-weight: 600; }
  .kicker .stamp { letter-spacing: 0; }
  .alert { padding: .7rem 1rem; border-left: 4px solid var(--warn); background: var(--warnbg); max-width: none; }
  nav { margin: 1.4rem 0 0; font-size: .92rem; }
  nav a { display: inline-block; margin: 0 1.1em .3em 0; }
  a { color: var(--accent); }
  .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem; margin: 1.5rem 0 0; }
  .tiles div { padding: .8rem 1rem; background: var(--raised); border-radius: .5rem; }
  .tiles dt { color: var(--soft); font-size: .85rem; }
  .tiles dd { margin: .1rem 0 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
  .facts { margin: 0 0 1.2rem; }
  .facts div { display: grid; grid-template-columns: 9rem 1fr; gap: 0 1rem; padding: .3rem 0;
    border-bottom: 1px solid var(--line); }
  .facts dt, .parameters dt { color: var(--soft); }
  .facts dd, .parameters dd { margin: 0; overflow-wrap: anywhere; }
  .parameters { columns: 19rem; column-gap: 2.5rem; margin: .4rem 0 0; font-size: .9rem; }
  .parameters div { display: flex; justify-content: space-between; gap: 1rem; break-inside: avoid;
    border-bottom: 1px dotted var(--line); padding: .1rem 0; }
  .parameters dd { text-align: right; font-variant-numeric: tabular-nums; }
  .reading div { max-width: 46rem; margin-bottom: .8rem; }
  .reading dt { font-weight: 600; }
  .reading dd { margin: 0; }
  .scroll { overflow-x: auto; margin: .4rem 0 1.2rem; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .94rem; }
  caption { text-align: left; color: var(--soft); font-size: .88rem; padding-bottom: .4rem; }
  th, td { padding: .34rem .8rem; border-bottom: 1px solid var(--line); vertical-align: top; }
  thead th { border-bottom: 1.5px solid var(--soft); color: var(--soft); font-weight: 600; vertical-align: bottom; }
  tbody th { font-weight: 500; }
  .t { text-align: left; }
  .n { text-align: right; white-space: nowrap; }
  th.n { white-space: normal; }
  tbody th:first-child { position: sticky; left: 0; background: var(--paper); }
  th:first-child, td:first-child { padding-left: 0; }
  .group th { text-align: left; padding: 1rem 0 .3rem; font-weight: 650; }
  tbody .group:first-child th { padding-top: .6rem; }
  .mark { display: inline-block; margin-left: .5em; color: var(--accent); font-size: .82rem; font-weight: 600; }
  .interval { display: block; color: var(--soft); font-size: .82rem; }
  .missing { color: var(--warn); }
  .heat .missing { color: inherit; font-weight: 600; }
  span.missing { display: block; font-size: .8rem; font-weight: 400; }
  .heat { background: rgba(var(--heat), calc(var(--p) * .62)); -webkit-print-color-adjust: exact;
    print-color-adjust: exact; }
  .confusion td { min-width: 5.2rem; text-align: center; border: 2px solid var(--paper); padding: .5rem .6rem; }
  .confusion th { padding: .4rem .8rem; border-bottom: 0; }
  .confusion tbody th { vertical-align: middle; }
  .confusion th:first-child { padding-left: 0; }
  .confusion thead th { text-align: center; }
  .confusion thead th:first-child { text-align: left; }
  .confusion td b { display: block; font-size: 1.1rem; font-weight: 500; }
  .confusion td small { opacity: .85; }
  .confusion .main b { font-weight: 750; }
  .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 2.5rem; }
  .pair.wide { grid-template-columns: 1fr; }
  .pair > * { min-width: 0; }
  .bar { display: block; height: 3px; margin-top: .2rem; min-width: 4rem; border-radius: 2px; background:
    linear-gradient(to right, var(--c1) calc(var(--p) * 100%), var(--line) 0); -webkit-print-color-adjust: exact;
    print-color-adjust: exact; }
  figure { margin: .8rem 0 1.4rem; }
  figcaption { color: var(--soft); font-size: .88rem; }
  figure svg { display: block; width: 100%; height: auto; color: var(--ink); }
  .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: .2rem 0 .6rem; padding: 0; list-style: none;
    font-size: .9rem; }
  .swatch { display: inline-block; width: .8em; height: .8em; margin-right: .45em; border-radius: 2px;
    -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .sign { margin-right: .45em; font-weight: 700; }
  details { margin: .6rem 0; }
  summary { cursor: pointer; color: var(--accent); }
  footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
  @media (max-width: 40rem) {
    body { padding: 1.2rem 1rem 3rem; }
    h1 { font-size: 1.55rem; }
    .facts div { grid-template-columns: 1fr; }
    .tiles { grid-template-columns: 1fr 1fr; }
    .tiles dd { font-size: 1.1rem; }
    table { font-size: .84rem; }
    th, td { padding: .32rem .45rem; }
    tbody th:first-child { max-width: 9rem; overflow-wrap: break-word; }
    .bar { min-width: 2.6rem; }
    .deviation { display: block; font-size: .9em; opacity: .8; }
    .results th:nth-child(n + 5), .results td:nth-child(n + 5) { display: none; }
    .mark { display: block; margin: 0; }
    .confusion td { min-width: 3.4rem; padding: .35rem .2rem; }
    .confusion th { padding: .35rem .3rem; min-width: 0; }
  }
  @media print {
    :root { --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --raised: #f4f4f4; --accent: #1f5f7a;
      --heat: 33, 113, 148; --warn: #9a3412; --warnbg: #fff; --c1: #1f6f8b; --c2: #c8782a; --c3: #6a8f3c;
      --c4: #8661a8; --mark: #000; --grid: #bbb; color-scheme: light; }
    @page { margin: 16mm 14mm; }
    body { max-width: none; padding: 0; font-size: 9.5pt; }
    nav, details.screen { display: none; }
    section { margin-top: 1.4rem; padding-top: .9rem; }
    h2, h3 { break-after: avoid; }
    tr, figure, .tiles, .reading div, .facts div { break-inside: avoid; }
    .confusion { break-inside: avoid; }
    .scroll { overflow: visible; }
    tbody th:first-child { position: static; }
    .group { break-after: avoid; }
    .pair { grid-template-columns: 1fr 1fr; }
    .pair.wide { grid-template-columns: 1fr; }
    .confusion td { min-width: 0; }
    figure svg { min-width: 0 !important; }
    table { font-size: 8.5pt; }
  }
  """
