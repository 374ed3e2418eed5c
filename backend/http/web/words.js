// Sizes, times and states in words.

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toLocaleString("en", { maximumFractionDigits: unit === 0 || value >= 100 ? 0 : 1 })} ${UNITS[unit]}`;
}

export function span(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

export function timeLeft(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s left`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min left`;
  return `${Math.round(seconds / 360) / 10} h left`;
}

export function day(iso) {
  const moment = new Date(iso);
  const options = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" };
  return Number.isNaN(moment.getTime()) ? "" : moment.toLocaleString(undefined, options);
}

const STATES = {
  uploading: { words: "Uploading", icon: "up", tone: "" },
  completing: { words: "Finishing", icon: "work", tone: "" },
  completed: { words: "Stored and verified", icon: "done", tone: "good" },
  aborted: { words: "Given up", icon: "off", tone: "warn" },
};

export const state = (name) => STATES[name] ?? { words: name, icon: "file", tone: "" };

// Why a recording is not played here; empty where it may be.
export function doubt({ contentVerified, typeMismatch }) {
  if (contentVerified === null) return "Being checked";
  if (typeMismatch) return "Not what it says it is";
  return contentVerified ? "" : "Type not confirmed";
}

export function kind(contentType) {
  const major = (contentType ?? "").split("/")[0];
  return major === "video" || major === "audio" ? major : "file";
}
