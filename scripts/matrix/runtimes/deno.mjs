import { answer } from './app.mjs';

const onListen = ({ port }) =>
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}`, version: Deno.version.deno }));
Deno.serve({ port: 0, hostname: '127.0.0.1', onListen }, answer);
