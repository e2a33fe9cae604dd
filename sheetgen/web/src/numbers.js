// How numbers are shown: the workbook's own rule, as `sheetgen/layout/numbers.py` has it.

const EXACT = 1e-12;
const POWER = "0.0E+0";

function holds([, least, below, exact, rest], number) {
  const size = Math.abs(number);
  if (size < least || (below && size >= below)) return false;
  const multiple = (parts) => Math.abs(parts * number - Math.round(parts * number)) < EXACT;
  return (!exact || multiple(exact)) && (!rest || !multiple(rest));
}

function written(number, code) {
  if (code === ";;;") return "";
  if (code[0] === '"') return code.slice(1, code.indexOf('"', 1));
  if (code === POWER) {
    const [mantissa, exponent] = number.toExponential(1).split("e");
    return `${mantissa}E${exponent}`;
  }
  const places = (code.split(".")[1] ?? "").length;
  let text = rounded(number, places);
  if (code[0] === ".") text = text.replace("0.", ".");
  return /[1-9]/.test(text) ? text : text.replace("-", "");
}

// toFixed rounds what a double exactly is (1.005 → 1.00); spreadsheets round what its 15 digits say (1.01).
function rounded(number, places) {
  const text = Number(number.toPrecision(15));
  const whole = Math.abs(text) < 1e21 && Math.round(Number(`${Math.abs(text)}e${places}`));
  if (!Number.isFinite(whole) || whole === false) return text.toFixed(places);
  return (text < 0 ? "-" : "") + Number(`${whole}e-${places}`).toFixed(places);
}

// As a cell without a format shows it: up to nine digits.
export function general(number) {
  if (number === 0) return "0";
  const text = String(Number(number.toPrecision(9)));
  return text.replace("e+", "E+").replace("e-", "E-");
}

export function shown(value, form, code) {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (code) return written(value, code);
  const [format, tiers] = form;
  const tier = tiers.find((each) => holds(each, value));
  if (tier) return written(value, tier[0]);
  return format === "General" ? general(value) : written(value, format);
}

// For sentences: as many digits as it takes, up to two decimals (2.00 is not quite 2), with a real minus.
export function brief(value) {
  if (typeof value !== "number") return value === null || value === undefined || value === "" ? "empty" : String(value);
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 0.005 || size >= 1e6)
      ? value.toExponential(1).replace("e", "E").replace("+", "")
      : isBrief(value) ? String(Number(value.toFixed(2))) : value.toFixed(2); // prettier-ignore
  return text.replace(/-/g, "−");
}

export const isBrief = (value) => typeof value !== "number" || Math.abs(Number(value.toFixed(2)) - value) < 1e-9;
