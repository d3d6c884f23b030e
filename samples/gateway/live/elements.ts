/** Changes an element's text only where it differs, so that a selection in it, or a reader on it, is left alone. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Makes a table's rows say this, the first cell of each being its head. */
export function setRows(body: HTMLElement, rows: readonly (readonly string[])[]): void {
  while (body.children.length > rows.length) body.lastElementChild?.remove();
  while (body.children.length < rows.length) body.append(emptyRow(rows[0]?.length ?? 0));
  rows.forEach((texts, index) => {
    const cells = (body.children[index] as HTMLTableRowElement).cells;
    texts.forEach((text, column) => {
      setText(cells[column] as HTMLTableCellElement, text);
    });
  });
}

function emptyRow(columns: number): HTMLTableRowElement {
  const row = document.createElement('tr');
  for (let column = 0; column < columns; column++) {
    const cell = document.createElement(column === 0 ? 'th' : 'td');
    if (column === 0) cell.setAttribute('scope', 'row');
    row.append(cell);
  }
  return row;
}
