import { answer } from './app.mjs';

const { port } = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: answer });
console.log(JSON.stringify({ url: `http://127.0.0.1:${port}`, version: Bun.version }));
