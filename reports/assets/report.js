/* Reports: sorting, filtering, and charts where the chart library is part of the page. */
(function () {
  'use strict';
  var root = document.documentElement;
  root.classList.add('js');

  /* ---- packed tables: rows are made when their section is opened -------------------------- */
  function unpack(frame, script) {
    var table = frame.querySelector('table'), seen = [];
    var heads = table.tHead.rows[0].cells;
    function known(cell) {
      if (typeof cell === 'number') return seen[cell];
      seen.push(cell);
      return cell;
    }
    table.tBodies[0].innerHTML = JSON.parse(script.textContent).slice(0, -1).map(function (row) {
      return '<tr' + known(row[0]) + '>' + row.slice(1).map(function (cell, i) {
        var figure = heads[i].className === 'n', name = i === 0 ? 'th scope="row"' : figure ? 'td class="n"' : 'td';
        if (cell === null) return '<' + name + ' data-v="">–</td>';
        var pair = Array.isArray(cell), content = pair ? cell[1] : cell;
        var key = pair ? (cell[0] === null ? '' : cell[0]) : figure ? cell : null;
        return '<' + name + (key === null ? '' : ' data-v="' + key + '"') + '>' +
          (figure ? content : known(content)) + (i === 0 ? '</th>' : '</td>');
      }).join('') + '</tr>';
    }).join('');
    script.remove();
    frame.dispatchEvent(new Event('unpacked', { bubbles: true }));
  }
  document.querySelectorAll('.scroll > script[type="application/json"]').forEach(function (script) {
    var frame = script.parentNode, box = frame.closest('details');
    if (!box || box.open) unpack(frame, script);
    else box.addEventListener('toggle', function once() {
      box.removeEventListener('toggle', once);
      unpack(frame, script);
    });
  });

  /* ---- tables: a click on a heading sorts, again the other way --------------------------- */
  function value(row, column) {
    var cell = row.cells[column];
    var raw = cell.getAttribute('data-v');
    return raw === null ? cell.textContent.trim().toLowerCase() : raw === '' ? NaN : Number(raw);
  }
  function compare(a, b) {
    if (typeof a === 'number' && typeof b === 'number') {
      if (isNaN(a) || isNaN(b)) return isNaN(a) - isNaN(b);
      return a - b;
    }
    return a < b ? -1 : a > b ? 1 : 0;
  }
  document.querySelectorAll('table.sortable').forEach(function (table) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    function sort(column) {
      var down = heads[column].getAttribute('aria-sort') === 'ascending';
      var rows = Array.prototype.slice.call(table.tBodies[0].rows);
      rows.map(function (row, i) { return { row: row, v: value(row, column), i: i }; })
        .sort(function (a, b) {
          var missing = (a.v !== a.v) - (b.v !== b.v); /* not-a-number goes last either way */
          if (missing) return missing;
          return (down ? -1 : 1) * compare(a.v, b.v) || a.i - b.i;
        })
        .forEach(function (entry) { table.tBodies[0].appendChild(entry.row); });
      heads.forEach(function (head) { head.setAttribute('aria-sort', 'none'); });
      heads[column].setAttribute('aria-sort', down ? 'descending' : 'ascending');
    }
    heads.forEach(function (head, column) {
      head.setAttribute('aria-sort', 'none');
      head.tabIndex = 0;
      head.addEventListener('click', function () { sort(column); });
      head.addEventListener('keydown', function (event) {
        if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); sort(column); }
      });
    });
  });

  /* ---- the filter of the summary --------------------------------------------------------- */
  document.querySelectorAll('.tools').forEach(function (tools) {
    var table = document.getElementById(tools.getAttribute('data-for'));
    var input = tools.querySelector('input');
    var output = tools.querySelector('output');
    var buttons = Array.prototype.slice.call(tools.querySelectorAll('button'));
    function apply() {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      var pressed = buttons.filter(function (b) { return b.getAttribute('aria-pressed') === 'true'; })
        .map(function (b) { return b.value; });
      var shown = 0;
      Array.prototype.forEach.call(table.tBodies[0].rows, function (row) {
        var text = row.textContent.toLowerCase();
        var keep = words.every(function (word) { return text.indexOf(word) >= 0; }) &&
          (!pressed.length || pressed.indexOf(row.getAttribute('data-verdict')) >= 0);
        row.hidden = !keep;
        if (keep) shown++;
      });
      var all = table.tBodies[0].rows.length; /* none yet: they are folded */
      output.textContent = all ? shown + ' of ' + all : '';
    }
    input.addEventListener('input', apply);
    buttons.forEach(function (button) {
      button.addEventListener('click', function () {
        button.setAttribute('aria-pressed', button.getAttribute('aria-pressed') !== 'true');
        apply();
      });
    });
    table.parentNode.addEventListener('unpacked', apply);
    /* Who filters wants to see the rows. */
    tools.addEventListener('focusin', function () {
      var box = table.closest('details');
      if (box) box.open = true;
    });
    apply();
  });

  /* ---- charts ----------------------------------------------------------------------------- */
  /* The numbers of a chart are text, not elements, until somebody asks for them. */
  function tabulate(figure) {
    var folded = figure.querySelector('noscript');
    if (folded) folded.outerHTML = folded.textContent;
  }
  if (typeof Chart === 'undefined') {
    document.querySelectorAll('figure.chart').forEach(tabulate);
    return;
  }
  var shapes = ['circle', 'rectRot', 'triangle', 'rect', 'crossRot', 'star', 'cross'];
  var drawn = [];
  function style(name) { return getComputedStyle(root).getPropertyValue(name).trim(); }
  function colour(index) { return style('--c' + (index % 8)); }
  function trim(number, digits) { return String(Number(number.toPrecision(digits))); }
  function quantity(v, unit, digits) {
    var a = Math.abs(v);
    if (unit === 's') {
      if (a === 0) return '0';
      if (a < 1e-6) return trim(v * 1e9, digits) + ' ns';
      if (a < 1e-3) return trim(v * 1e6, digits) + ' µs';
      if (a < 1) return trim(v * 1e3, digits) + ' ms';
      if (a < 120) return trim(v, digits) + ' s';
      return a < 7200 ? trim(v / 60, digits) + ' min' : trim(v / 3600, digits) + ' h';
    }
    if (unit === 'B') {
      var units = ['B', 'kB', 'MB', 'GB', 'TB'], i = 0;
      while (a >= 1000 && i < 4) { a /= 1000; v /= 1000; i++; }
      return trim(v, digits) + ' ' + units[i];
    }
    if (a !== 0 && (a < 1e-3 || a >= 1e6)) return v.toExponential().replace(/(\.\d{0,2})\d*e/, '$1e').replace('e+', 'e');
    return trim(v, digits);
  }
  /* Eight colours with eight marks; lines of a ninth method on are dashed in ways of their own. */
  function dash(s) {
    if (s.mark === 'dashed') return [5, 4];
    if (s.mark === 'rule') return [2, 3];
    return [[], [10, 3], [8, 3, 2, 3], [2, 2], [14, 3, 2, 3, 2, 3]][Math.floor(s.colour / 8) % 5];
  }
  function power(v) { return Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-9; }
  function axis(spec, ticks, extent) {
    /* On less than two decades only powers of ten would leave the axis bare. */
    var narrow = spec.log && extent[1] / extent[0] < 100;
    /* Less than an octave has no tick that is worth a label. */
    var margin = spec.log ? Math.max(Math.pow(extent[1] / extent[0], 0.04) * 1.02, Math.sqrt(2 * extent[0] / extent[1])) : 1;
    /* One value alone gets an axis round itself, not one of other magnitudes. */
    var alone = !spec.log && spec.unit !== 'share' && extent[0] === extent[1], around = 0.05 * Math.abs(extent[0]) || 1;
    return {
      min: ticks ? -0.5 : alone ? extent[0] - around : spec.unit === 'share' ? 0 : spec.log && isFinite(extent[0]) ? extent[0] / margin : undefined,
      max: ticks ? ticks.length - 0.5 : alone ? extent[1] + around : spec.unit === 'share' ? 1 : spec.log && isFinite(extent[1]) ? extent[1] * margin : undefined,
      grace: spec.log ? 0 : '4%',
      type: spec.log ? 'logarithmic' : 'linear',
      title: { display: true, text: spec.label, color: style('--soft') },
      grid: {
        borderColor: style('--line'), drawTicks: false,
        color: function (c) { return spec.log && !narrow && c.tick && !power(c.tick.value) ? 'transparent' : style('--line'); }
      },
      ticks: {
        color: style('--soft'), padding: 5, maxRotation: ticks ? 60 : 0, autoSkip: !spec.log, includeBounds: !alone, maxTicksLimit: spec.log ? 40 : 7,
        callback: function (v) {
          /* A label has to leave room for the next one. */
          var across = this.isHorizontal(), wide = across ? this.width || this.chart.width - 70 : this.height || this.chart.height - 110;
          var range = this.max / this.min, decade = wide / Math.max(Math.log10(range), 1e-9), need = across ? 52 : 15;
          if (spec.log && power(v) && decade < need && Math.round(Math.log10(v)) % Math.ceil(need / decade)) return '';
          if (ticks) return Number.isInteger(v) && ticks[v] !== undefined ? ticks[v].split(' ')[0] : '';
          if (spec.log && !power(v)) {
            var lead = v / Math.pow(10, Math.floor(Math.log10(v))), whole = Math.round(lead);
            var wanted = range > 4 ? [2, 5] : [2, 3, 4, 5, 6, 7, 8, 9];
            if (!narrow || Math.abs(lead - whole) > 1e-6 || wanted.indexOf(whole) < 0) return '';
            var next = wanted[wanted.indexOf(whole) + 1] || 10, before = wanted[wanted.indexOf(whole) - 1] || 1;
            if (decade * Math.log10(Math.min(next / whole, whole / before)) < need) return '';
          }
          return quantity(v, spec.unit, 4);
        }
      }
    };
  }
  function extent(spec, at) {
    var low = Infinity, high = -Infinity;
    spec.series.forEach(function (s) {
      s.points.forEach(function (p) { low = Math.min(low, p[at]); high = Math.max(high, p[at]); });
    });
    return [low, high];
  }
  function dataset(s) {
    var c = colour(s.colour), line = s.mark !== 'points', few = s.points.length <= 40;
    return {
      label: s.label, mark: s.mark, clip: 4, showLine: line, borderColor: c, backgroundColor: c,
      pointStyle: shapes[s.colour % shapes.length],
      borderWidth: s.mark === 'dashed' ? 1.4 : s.mark === 'rule' ? 1.2 : 2,
      borderDash: dash(s),
      /* A long line has its mark now and then. */
      pointRadius: function (c) {
        if (s.mark === 'points') return 4.5;
        if (s.mark !== 'line' && s.mark !== 'steps') return 0;
        if (s.mark === 'line' && few) return 2.5;
        var every = Math.ceil(s.points.length / 6);
        return s.colour >= 8 && (c.dataIndex + s.colour) % every === 0 ? 3.2 : 0;
      },
      pointHitRadius: 8, stepped: s.mark === 'steps',
      data: s.points.map(function (p) { return { x: p[0], y: p[1], note: p[2] }; })
    };
  }
  function labels(spec) {
    return spec.series.map(function (s) { return s.label; }).filter(function (l, i, all) { return all.indexOf(l) === i; });
  }
  /* The size of letters in which the longest of these texts fits into the width. */
  function letters(texts, width) {
    var most = Math.max.apply(null, texts.map(function (text) { return text.length; }).concat(1));
    return Math.max(7, Math.min(11, (width - 60) / (0.6 * most)));
  }
  /* Rows that the legend of these labels takes: the plot grows by what is more than one. */
  function legendRows(spec, width) {
    var rows = 1, used = 0;
    labels(spec).forEach(function (label) {
      var wide = 30 + 6.2 * label.length;
      if (used && used + wide > width - 20) { rows++; used = 0; }
      used += wide;
    });
    return rows;
  }
  /* Many methods are named at the ends of their lines, too, where there is room beside the plot. */
  var direct = {
    id: 'direct',
    afterDatasetsDraw: function (chart, args, options) {
      if (!options.on) return;
      var area = chart.chartArea, context = chart.ctx, ends = [];
      chart.data.datasets.forEach(function (d, i) {
        var points = chart.getDatasetMeta(i).data;
        if (!points.length || !chart.isDatasetVisible(i) || d.mark === 'dashed' || d.mark === 'rule') return;
        ends.push({ y: points[points.length - 1].y, text: d.label, colour: d.borderColor });
      });
      ends.sort(function (a, b) { return a.y - b.y; });
      var last = -Infinity, over;
      ends.forEach(function (end) { end.y = last = Math.max(end.y, last + 11); });
      over = last - area.bottom;
      for (var i = ends.length - 1; i >= 0 && over > 0; i--) {
        ends[i].y = Math.min(ends[i].y, area.bottom - 11 * (ends.length - 1 - i));
      }
      context.save();
      context.font = '10px ' + Chart.defaults.font.family;
      context.textBaseline = 'middle';
      ends.forEach(function (end) {
        context.fillStyle = end.colour;
        context.fillText(end.text.length > 24 ? end.text.slice(0, 23) + '…' : end.text, area.right + 6, end.y);
      });
      context.restore();
    }
  };
  function lines(spec, width) {
    var seen = {}, many = labels(spec).length > 8 && labels(spec).length <= 24 && width > 560;
    return {
      type: 'scatter',
      plugins: [direct],
      data: { datasets: spec.series.map(dataset) },
      options: {
        animation: false, maintainAspectRatio: false,
        interaction: { mode: 'nearest', intersect: false },
        layout: { padding: { right: many ? 140 : 0 } },
        scales: { x: axis(spec.x, spec.ticks, extent(spec, 0)), y: axis(spec.y, null, extent(spec, 1)) },
        plugins: {
          direct: { on: many },
          legend: {
            position: 'bottom',
            labels: {
              color: style('--ink'), usePointStyle: true, boxWidth: 7, boxHeight: 7, padding: 10, font: { size: letters(labels(spec), width) },
              filter: function (item, data) {
                if (item.datasetIndex === 0) seen = {};
                if (data.datasets[item.datasetIndex].mark === 'dashed' || seen[item.text]) return false;
                seen[item.text] = true;
                return true;
              }
            },
            /* One entry stands for all series of its label. */
            onClick: function (event, item, legend) {
              var chart = legend.chart, show = !chart.isDatasetVisible(item.datasetIndex);
              chart.data.datasets.forEach(function (d, i) {
                if (d.label === item.text) chart.setDatasetVisibility(i, show);
              });
              chart.update();
            }
          },
          tooltip: {
            callbacks: {
              label: function (item) {
                var x = spec.ticks ? spec.ticks[item.raw.x] : quantity(item.raw.x, spec.x.unit, 3);
                return item.dataset.label + (item.dataset.mark === 'dashed' ? ' (bound)' : '') + ': ' +
                  quantity(item.raw.y, spec.y.unit, 8) + ' at ' + x + (item.raw.note ? ' – ' + item.raw.note : '');
              }
            }
          }
        }
      }
    };
  }
  /* Where it has no room on one line, a label takes two. */
  function twoLines(label, narrow) {
    var cut = narrow && label.length > 20 ? label.indexOf(' ', label.length / 2 - 6) : -1;
    return cut < 0 ? label : [label.slice(0, cut), label.slice(cut + 1)];
  }
  function bars(spec, width) {
    var longest = Math.max.apply(null, spec.bars.map(function (b) { return b.label.length; }).concat(1));
    var narrow = width < 560 || 6.6 * longest > 0.35 * width;
    return {
      type: 'bar',
      data: {
        labels: spec.bars.map(function (b) { return twoLines(b.label, narrow); }),
        datasets: [{
          data: spec.bars.map(function (b) { return b.value; }), maxBarThickness: 26,
          backgroundColor: spec.bars.map(function (b) { return colour(b.colour); })
        }]
      },
      options: {
        animation: false, maintainAspectRatio: false, indexAxis: 'y',
        scales: {
          x: Object.assign(axis(spec.x, null, [0, 1]), { beginAtZero: true }),
          y: { grid: { display: false }, ticks: { color: style('--ink'), autoSkip: false, font: { size: narrow ? 9 : 12 } } }
        },
        plugins: {
          legend: { display: false },
          tooltip: { callbacks: { label: function (item) { return quantity(item.raw, spec.x.unit, 4); } } }
        }
      }
    };
  }
  function draw(figure) {
    var spec = JSON.parse(figure.querySelector('script').textContent);
    var plot = figure.querySelector('.plot');
    figure.classList.add('drawn');
    if (spec.kind === 'bars') plot.style.height = 5 + 1.9 * spec.bars.length + 'rem';
    else plot.style.height = 'calc(' + (innerWidth < 640 ? 16 : 19) + 'rem + ' + 21 * (legendRows(spec, plot.clientWidth) - 1) + 'px)';
    var entry = { figure: figure, spec: spec, chart: null };
    paint(entry);
    drawn.push(entry);
  }
  function paint(entry) {
    if (entry.chart) entry.chart.destroy();
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    entry.chart = new Chart(entry.figure.querySelector('canvas'), entry.spec.kind === 'bars' ? bars(entry.spec, entry.figure.clientWidth) : lines(entry.spec, entry.figure.clientWidth));
  }
  function flip(figure) {
    var button = document.createElement('button');
    button.type = 'button';
    button.className = 'flip';
    button.textContent = 'numbers';
    button.addEventListener('click', function () {
      tabulate(figure);
      button.textContent = figure.classList.toggle('shown') ? 'chart' : 'numbers';
    });
    figure.appendChild(button);
  }
  function open(figure) {
    if (figure.classList.contains('drawn')) return;
    draw(figure);
    flip(figure);
  }
  /* Charts are drawn when they come near the window, so that a page of hundreds opens at once; on
     paper stand all that are not folded. */
  var waiting = Array.prototype.slice.call(document.querySelectorAll('figure.chart'));
  var watch = new IntersectionObserver(function (seen) {
    seen.forEach(function (entry) {
      if (!entry.isIntersecting) return;
      watch.unobserve(entry.target);
      open(entry.target);
    });
  }, { rootMargin: '400px' });
  waiting.forEach(function (figure) { figure.querySelector('.plot').hidden = false; });
  waiting.forEach(function (figure) { watch.observe(figure); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', function () { drawn.forEach(paint); });
  /* Paper is white, whatever the screen is. */
  addEventListener('beforeprint', function () {
    root.classList.add('printing');
    drawn.forEach(paint);
    waiting.filter(function (figure) { return !figure.closest('details:not([open])'); }).forEach(open);
  });
  addEventListener('afterprint', function () {
    root.classList.remove('printing');
    drawn.forEach(paint);
  });
}());
