"""How the page of a report looks: light or dark as the reader has it, black on white in print, at any width."""

from __future__ import annotations

CSS = """
:root{color-scheme:light dark;--ground:#ffffff;--raised:#f3f5f8;--text:#1a222d;--muted:#566272;--line:#d8dee6;
--link:#0a5fc0;--note:#fff6e0}
@media (prefers-color-scheme:dark){:root{--ground:#10141a;--raised:#1a2029;--text:#e4e9f0;--muted:#97a3b3;
--line:#2c3542;--link:#69b1ff;--note:#2b2412}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);
font:16px/1.55 Inter,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif}
main{max-width:68rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .35rem}
h2{font-size:1.3rem;margin:3rem 0 .6rem;padding-top:.9rem;border-top:1px solid var(--line)}
h3{font-size:1.02rem;margin:1.8rem 0 .4rem}
p{margin:.5rem 0;max-width:46rem}
a{color:var(--link)}
.under,.small,figcaption,caption,.files{color:var(--muted);font-size:.86rem}
.short{font-size:1.08rem;max-width:46rem}
.short p{margin:.45rem 0}
.warn{background:var(--note);border-left:4px solid #c98a00;padding:.6rem .9rem;margin:1rem 0;max-width:46rem}
nav ul{columns:15rem 3;padding:0;margin:1.2rem 0 0;list-style:none;font-size:.92rem}
.wide{overflow-x:auto;margin:.6rem 0}
table{border-collapse:collapse;font-size:.9rem;min-width:100%}
caption{text-align:left;padding:.3rem 0 .45rem;caption-side:top}
th,td{padding:.42rem .7rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
thead th{border-bottom:2px solid var(--muted);vertical-align:bottom;min-width:6rem}
tbody th{font-weight:600;max-width:22rem;min-width:11rem}
tbody th .small{font-weight:400;display:block}
td.text{min-width:9rem;max-width:24rem;overflow-wrap:anywhere}
td.number{font-variant-numeric:tabular-nums;white-space:nowrap}
td.number .small{display:block}
td.best{font-weight:700}
td.best .small{font-weight:400}
table .small{font-size:.92em}
td.how{min-width:14rem;font-size:.92em;color:var(--muted)}
.printed{border-left:4px solid var(--line);padding-left:.9rem;margin:1.4rem 0;font-size:.95em}
.tag{display:inline-block;border:1px solid var(--muted);border-radius:.6rem;padding:0 .5rem;font-size:.78rem;
color:var(--muted)}
.dot{display:inline-block;width:.72em;height:.72em;border-radius:50%;margin-right:.4em}
ul.notes{margin:.2rem 0 .6rem;padding-left:1.1rem;color:var(--muted);font-size:.84rem;max-width:52rem}
figure{margin:1rem 0 1.6rem}
figure .wide>svg{display:block;width:100%;min-width:36rem;height:auto}
figcaption{max-width:52rem;margin-top:.3rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem;font-size:.9rem;margin:.6rem 0}
dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
code,pre{font-family:ui-monospace,"Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.85em}
pre{background:var(--raised);padding:.8rem 1rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
@media (max-width:40rem){main{padding:1.4rem .9rem 3rem}h1{font-size:1.5rem}th,td{padding:.35rem .5rem}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}
@media print{@page{margin:1.6cm}
:root{color-scheme:light;--ground:#fff;--raised:#f5f5f5;--text:#000;--muted:#444;--line:#bbb;--link:#000;--note:#fff}
html{font-size:10pt}main{max-width:none;padding:0}nav,.files{display:none}.wide{overflow:visible}
table{font-size:8.2pt}th,td{padding:.2rem .35rem}thead th,tbody th,td.text,td.how{min-width:0}
td.number{white-space:normal}figure .wide>svg{min-width:0}
tr,figure,.warn{break-inside:avoid}h2,h3,caption{break-after:avoid}thead{display:table-header-group}}
"""
