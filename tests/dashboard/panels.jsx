// The page that `python -m tests.dashboard` takes a picture of: Grafana's panel components, without Grafana's server.

import {
  applyFieldOverrides, createDataFrame, createTheme, dateTime, EventBusSrv, FieldConfigOptionsRegistry,
  getFieldDisplayValues, ThemeContext,
} from "@grafana/data";
import { BigValue, GlobalStyles, Icon, PanelChrome, PanelContextProvider, TimeSeries } from "@grafana/ui";
import { createRoot } from "react-dom/client";

const COLUMNS = 24, CELL_PX = 30, GAP_PX = 8;
const theme = createTheme({ colors: { mode: "dark" } });

// What Grafana takes where a dashboard's file says nothing.
const THRESHOLDS = { mode: "absolute", steps: [{ value: -Infinity, color: "green" }, { value: 80, color: "red" }] };
const COLOR = { stat: { mode: "thresholds" }, timeseries: { mode: "palette-classic" } };
// What the file's overrides may change.
const registry = new FieldConfigOptionsRegistry(() => ["color", "custom.hideFrom"].map((id) => ({
  id, name: id, path: id.replace("custom.", ""), isCustom: id.startsWith("custom."),
  process: (value) => value, shouldApply: () => true,
})));
const replaceVariables = (text) => text;

/** One frame a series, named as the target's legend says. */
function frames({ type, targets, fieldConfig: { defaults, overrides } }, answers, step_s) {
  const config = (target, metric) => ({
    color: COLOR[type], thresholds: THRESHOLDS, ...structuredClone(defaults),
    displayNameFromDS: target.legendFormat.replace(/{{(\w+)}}/g, (_, label) => metric[label] ?? ""),
  });
  const data = targets.flatMap((target) => answers[target.refId].map(({ metric, values }) => createDataFrame({
    fields: [
      { name: "Time", type: "time", config: { interval: step_s * 1000 }, values: values.map(([s]) => s * 1000) },
      { name: "Value", type: "number", config: config(target, metric), values: values.map(([, v]) => gapOr(+v)) },
    ],
  })));
  const fieldConfig = { defaults: {}, overrides };
  return applyFieldOverrides({ data, theme, fieldConfig, fieldConfigRegistry: registry, replaceVariables });
}

// The quantile of nothing is NaN.
const gapOr = (number) => (Number.isFinite(number) ? number : null);

function Stat({ panel, data, width, height }) {
  const { fieldConfig, options: { reduceOptions, colorMode, graphMode, justifyMode, textMode } } = panel;
  const [{ display }] = getFieldDisplayValues({ data, theme, fieldConfig, reduceOptions, replaceVariables });
  return <BigValue value={display} {...{ theme, width, height, colorMode, graphMode, justifyMode, textMode }} />;
}

function Panel({ panel, answers, range, step_s, place }) {
  const { title, description, type, options: { legend } } = panel, data = frames(panel, answers, step_s);
  const draw = (width, height) => {
    if (data.length === 0) return "No data";
    if (type === "stat") return <Stat {...{ panel, data, width, height }} />;
    return <TimeSeries {...{ width, height, legend }} frames={data} timeRange={range} timeZone="utc" />;
  };
  return <PanelChrome {...{ title, description }} width={place.width} height={place.height}>{draw}</PanelChrome>;
}

const Row = ({ panel }) => <h4 style={{ lineHeight: `${CELL_PX}px` }}><Icon name="angle-down" /> {panel.title}</h4>;

function Dashboard({ dashboard, answers, from_s, to_s, step_s }) {
  const from = dateTime(from_s * 1000), to = dateTime(to_s * 1000);
  const range = { from, to, raw: { from, to } };
  const column = (window.innerWidth - GAP_PX) / COLUMNS, cell = CELL_PX + GAP_PX;
  const bottom = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const drawn = dashboard.panels.map((panel) => {
    const { x, y, w, h } = panel.gridPos;
    const place = { left: x * column, top: y * cell, width: w * column - GAP_PX, height: h * cell - GAP_PX };
    const Drawn = panel.type === "row" ? Row : Panel;
    return (
      <div key={panel.id} style={{ position: "absolute", ...place }}>
        <Drawn {...{ panel, range, step_s, place }} answers={answers[panel.id]} />
      </div>
    );
  });
  return <div style={{ position: "absolute", margin: GAP_PX, height: bottom * cell }}>{drawn}</div>;
}

createRoot(document.body.appendChild(document.createElement("div"))).render(
  <ThemeContext.Provider value={theme}>
    <GlobalStyles />
    <PanelContextProvider value={{ eventsScope: "dashboard", eventBus: new EventBusSrv() }}>
      <Dashboard {...window.FIGURES} />
    </PanelContextProvider>
  </ThemeContext.Provider>,
);
