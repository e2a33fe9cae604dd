// node read.cjs sheetjs|exceljs|hyperformula FILE…  →  a line of JSON for each file: [{title, cells: [[row, column, value], …]}, …]
// SheetJS and exceljs give the values that stand in the file; HyperFormula calculates what SheetJS has read.
"use strict";

const NAMES = {sheetjs: "xlsx", exceljs: "exceljs", hyperformula: "hyperformula"};

/** Every cell of a workbook that SheetJS reads: its sheet, place and record. */
function* cellsOf(book, xlsx) {
  for (const title of book.SheetNames) {
    for (const [address, cell] of Object.entries(book.Sheets[title])) {
      if (address[0] !== "!") yield [title, xlsx.utils.decode_cell(address), cell];
    }
  }
}

function grouped(titles, cells) {
  const sheets = new Map(titles.map((title) => [title, []]));
  for (const [title, row, column, value] of cells) sheets.get(title).push([row, column, value]);
  return titles.map((title) => ({title, cells: sheets.get(title)}));
}

async function sheetjs(file, xlsx) {
  const book = xlsx.readFile(file, {cellFormula: true});
  const cells = [...cellsOf(book, xlsx)].map(([title, at, cell]) =>
    [title, at.r + 1, at.c + 1, cell.t === "e" ? String(cell.w) : cell.v]);
  return grouped(book.SheetNames, cells);
}

async function exceljs(file, ExcelJS) {
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(file);
  const cells = [];
  for (const sheet of book.worksheets) {
    sheet.eachRow((row, r) => row.eachCell((cell, c) => 
      cells.push([sheet.name, r, c, plain(cell.formula ? cell.result : cell.value)])));
  }
  return grouped(book.worksheets.map((sheet) => sheet.name), cells);
}

/** exceljs's records of formulas, links and errors as numbers and texts. */
function plain(value) {
  if (value === undefined || value === null || typeof value !== "object") return value ?? null;
  if ("error" in value) return value.error;
  if ("richText" in value) return value.richText.map((run) => run.text).join("");
  return "text" in value ? plain(value.text) : null;
}

async function hyperformula(file, {HyperFormula}) {
  const xlsx = require("xlsx");
  const book = xlsx.readFile(file, {cellFormula: true});
  const sheets = Object.fromEntries(book.SheetNames.map((title) => [title, []]));
  for (const [title, at, cell] of cellsOf(book, xlsx)) {
    const row = (sheets[title][at.r] ??= []);
    const formula = cell.f && (cell.F ? `=ARRAYFORMULA(${cell.f})` : `=${cell.f}`);
    row[at.c] = formula || (cell.F ? null : cell.v); // the rest of an array is spilled
  }
  for (const rows of Object.values(sheets)) {
    for (let r = 0; r < rows.length; r++) rows[r] = Array.from(rows[r] ?? [], (value) => value ?? null);
  }
  const names = book.Workbook.Names.filter((name) => name.Sheet === undefined)
    .map((name) => ({name: name.Name, expression: `=${name.Ref}`}));
  const engine = HyperFormula.buildFromSheets(sheets, {licenseKey: "gpl-v3"}, names);
  const cells = [];
  for (const title of book.SheetNames) {
    engine.getSheetValues(engine.getSheetId(title)).forEach((row, r) => row.forEach((value, c) => {
      if (value !== null) cells.push([title, r + 1, c + 1, typeof value === "object" ? value.value : value]);
    }));
  }
  return grouped(book.SheetNames, cells);
}

async function main([reader, ...files]) {
  const library = require(NAMES[reader]);
  for (const file of files) {
    let found;
    try {
      found = await {sheetjs, exceljs, hyperformula}[reader](file, library);
    } catch (error) {
      found = {error: String(error)};
    }
    console.log(JSON.stringify(found));
  }
}

main(process.argv.slice(2));
