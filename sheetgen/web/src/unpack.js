// What the file carries: base64 of gzip, in elements that no browser takes for a program.

export async function unpack(id) {
  const text = document.getElementById(id).textContent.trim();
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function unpackJson(id) {
  return JSON.parse(new TextDecoder().decode(await unpack(id)));
}
