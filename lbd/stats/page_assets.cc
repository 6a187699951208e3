#include "lbd/stats/page_assets.h"

namespace lbd::stats {

const std::string_view kPageStyle = R"(<style>
:root { color-scheme: light dark; --ink: #111; --paper: #fff; --line: #c0c0c0; --head: #e0e8e8; --total: #eeeee0;
  --up: #c8f4c8; --changing: #ffe9a0; --down: #ff9c9c; --maint: #d8a878; --nolb: #a0ccff; --unchecked: #e4e4e4; --link: #0645ad; }
@media (prefers-color-scheme: dark) { :root { --ink: #ddd; --paper: #16181c; --line: #444; --head: #2a2f36; --total: #26282c;
  --up: #1d3a1d; --changing: #4a3c10; --down: #5a1f1f; --maint: #4d3a22; --nolb: #1f3550; --unchecked: #2b2b2b; --link: #8ab4f8; } }
body { font: 12px arial, helvetica, sans-serif; background: var(--paper); color: var(--ink); margin: 8px; }
a { color: var(--link); }
table { border-collapse: collapse; margin: 0 0 1.5em; }
th, td { border: 1px solid var(--line); padding: 2px 5px; font-size: 11px; text-align: right; }
th { background: var(--head); text-align: center; }
th.sorts { cursor: pointer; }
th[aria-sort=ascending]::after { content: " \25b2"; }
th[aria-sort=descending]::after { content: " \25bc"; }
caption { text-align: left; font-weight: bold; font-size: 14px; padding: 4px 0; white-space: nowrap; }
td.name, td.state { text-align: left; white-space: nowrap; }
tr.frontend, tr.backend { background: var(--total); }
tr.up { background: var(--up); }
tr.changing { background: var(--changing); }
tr.down { background: var(--down); }
tr.maint { background: var(--maint); }
tr.nolb { background: var(--nolb); }
tr.unchecked, tr.socket { background: var(--unchecked); }
p.result { font-weight: bold; border: 1px solid; padding: 4px; }
#tools { position: sticky; top: 0; z-index: 2; background: var(--paper); padding: 4px 0; }
#tools input, #tools select { font: inherit; padding: 3px; }
#tools svg, caption svg { vertical-align: middle; margin: 0 4px; background: var(--head); }
svg path { fill: none; stroke: var(--link); stroke-width: 1.2; }
.stale { opacity: .5; }
[hidden], .js tr[data-far] { display: none; }
button.more { margin: 0 0 1.5em; }
@media (max-width: 700px) {
  body { font-size: 14px; }
  table { display: block; overflow-x: auto; }
  td.name, th:first-child { position: sticky; left: 0; background: inherit; }
  #tools input, #tools select, button, select { font-size: 16px; }
}
</style>
)";

// Filters and sorts the lines, and keeps their figures alive. Without it the page is complete, but for that.
const std::string_view kPageScript = R"(<script>
(() => {
'use strict';
const $ = (tag, parent, properties) => parent.appendChild(Object.assign(document.createElement(tag), properties));
const tables = [...document.querySelectorAll('table:not(.pair)')];
const lines = new Map();
for (const table of tables) {
  for (const row of table.rows) {
    const anchor = row.querySelector('td.name a');
    if (anchor) lines.set(anchor.name, row);
  }
}
// --- filter
const tools = document.createElement('div');
tools.id = 'tools';
document.querySelector('p.links').after(tools);
const filter = $('input', tools, {type: 'search', placeholder: 'Filter: name or state', id: 'filter'});
const which = $('select', tools, {id: 'which'});
for (const [value, text] of [['', 'all'], ['bad', 'only what is not well'], ['totals', 'only totals']])
  $('option', which, {value, textContent: text});
const count = $('span', tools, {id: 'count'});
const is_total = row => row.classList.contains('frontend') || row.classList.contains('backend');
const step = 200;
const near = new Map(tables.map(table => [table, step]));
// Layout takes its time: of many lines those come first that are near.
const more = new Map(tables.map(table => {
  const button = Object.assign(document.createElement('button'), {className: 'more', type: 'button', hidden: true});
  button.onclick = () => { near.set(table, near.get(table) + step); apply_filter(); };
  table.after(button);
  new IntersectionObserver(seen => { if (seen.some(one => one.isIntersecting)) button.onclick(); }).observe(button);
  return [table, button];
}));
const apply_filter = () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const kind = which.value;
  let shown = 0;
  for (const table of tables) {
    let here = 0, far = 0, servers = 0;
    for (const row of table.tBodies[0].rows) {
      const anchor = row.cells[0].firstElementChild;
      if (!anchor || !anchor.name) continue;
      let show = true;
      if (words.length) {
        const text = (anchor.name + ' ' + row.cells[row.cells.length - 2].textContent).toLowerCase();
        show = words.every(word => text.includes(word));
      }
      const total = is_total(row);
      if (kind === 'totals') show = show && total;
      if (kind === 'bad') show = show && !total && !/^(up|unchecked|socket)$/.test(row.className);
      if (row.hidden === show) row.hidden = !show;
      here += show;
      const late = show && !total && ++servers > near.get(table);
      far += late;
      if (late !== row.hasAttribute('data-far')) row.toggleAttribute('data-far', late);
    }
    table.hidden = !here;
    const form = table.closest('form');
    if (form) form.hidden = !here;
    const button = more.get(table);
    button.hidden = !far;
    button.textContent = `${far} more`;
    shown += here;
  }
  count.textContent = ` ${shown} of ${lines.size} lines `;
};
filter.oninput = which.onchange = () => {
  for (const table of tables) near.set(table, step);
  apply_filter();
};
// --- sort
const number = text => {
  const time = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?: |$)/.exec(text);
  if (time && time[0].trim()) return (time[1] || 0) * 86400 + (time[2] || 0) * 3600 + (time[3] || 0) * 60 + +(time[4] || 0);
  const value = parseFloat(text);
  return isNaN(value) ? -1 : value;
};
const sort = (table, heading, index) => {
  const down = heading.getAttribute('aria-sort') !== 'descending';
  for (const other of table.querySelectorAll('th[aria-sort]')) other.removeAttribute('aria-sort');
  heading.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  const servers = [...table.rows].filter(row => row.cells[0].className === 'name' && !is_total(row));
  const text = row => row.cells[index].textContent.trim();
  const named = index === 0 || index === table.rows[2].cells.length - 1;
  const keys = new Map(servers.map(row => [row, named ? text(row) : number(text(row))]));
  servers.sort((a, b) => {
    const order = named ? keys.get(a).localeCompare(keys.get(b), undefined, {numeric: true}) : keys.get(a) - keys.get(b);
    return down ? -order : order;
  });
  const end = [...table.rows].find(row => row.className === 'backend') || null;
  const body = table.tBodies[0];
  for (const row of servers) body.insertBefore(row, end);
  near.set(table, step);
  apply_filter();
};
for (const table of tables) {
  const headings = [[table.rows[0].cells[0], 0], ...[...table.rows[1].cells].map((cell, i) => [cell, i + 1])];
  for (const [heading, index] of headings) {
    heading.classList.add('sorts');
    heading.onclick = () => sort(table, heading, index);
  }
}
// --- live figures
const period = Math.max(2, +document.body.dataset.refresh || 5) * 1000;
const chart = (parent, title) => {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('width', 120);
  svg.setAttribute('height', 20);
  const name = svg.appendChild(document.createElementNS(svg.namespaceURI, 'title'));
  const path = svg.appendChild(document.createElementNS(svg.namespaceURI, 'path'));
  parent.append(svg);
  const samples = [];
  return value => {
    samples.push(value);
    if (samples.length > 120) samples.shift();
    const most = Math.max(1, ...samples);
    path.setAttribute('d', samples.map((s, i) => `${i ? 'L' : 'M'}${i} ${(19 - 18 * s / most).toFixed(1)}`).join(''));
    name.textContent = `${title}: ${value}, at most ${most}`;
  };
};
const live = $('label', tools, {textContent: ' live '});
const on = $('input', live, {type: 'checkbox', id: 'live', checked: document.body.dataset.refresh !== '0' || !location.href.includes('norefresh')});
const charts = new Map();
const heads = [...(tables[0] ? tables[0].rows[1].cells : [])].map(cell => cell.textContent);
const rate_at = heads.indexOf('Cur', heads.indexOf('Cur') + 1) + 1;
const show = (name, row) => {
  const proxy = name.slice(0, name.lastIndexOf('/'));
  const caption = row.closest('table').caption;
  if (!charts.has(proxy)) charts.set(proxy, chart(caption, 'sessions per second'));
  charts.get(proxy)(+row.cells[rate_at].textContent || 0);
};
let busy = false;
const refresh = async () => {
  if (busy || !on.checked || document.hidden) return;
  busy = true;
  try {
    const answer = await fetch(document.body.dataset.uri, {cache: 'no-store'});
    if (!answer.ok) throw new Error(answer.status);
    const told = await answer.json();
    document.getElementById('pair').innerHTML = told.pair;
    const fresh = document.createElement('div');
    fresh.innerHTML = told.process;
    document.getElementById('process').replaceWith(fresh.querySelector('#process'));
    for (const [name, kind, ...texts] of told.rows) {
      const row = lines.get(name);
      if (!row) continue;
      if (row.className !== kind) row.className = kind;
      texts.forEach((text, i) => {
        const cell = row.cells[i + 1];
        if (cell.textContent !== text) cell.textContent = text;
      });
      if (kind === 'frontend' || kind === 'backend' && !lines.has(name.replace(/Backend$/, 'Frontend'))) show(name, row);
    }
    document.body.classList.remove('stale');
    if (filter.value || which.value) apply_filter();
  } catch {
    document.body.classList.add('stale');
  }
  busy = false;
};
on.onchange = refresh;
setInterval(refresh, period);
apply_filter();
refresh();
})();
</script>
)";

}  // namespace lbd::stats
