// Builds the page into dist/, which is committed, or into another folder: the same sources and versions give the same bytes.
import { build } from 'esbuild';
import { copyFile, mkdir } from 'node:fs/promises';

const dist = process.argv[2] ?? new URL('dist', import.meta.url).pathname;
await mkdir(dist, { recursive: true });
await build({
  entryPoints: { console: 'src/main.tsx' },
  outdir: dist,
  absWorkingDir: new URL('.', import.meta.url).pathname,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  charset: 'utf8',
});
await copyFile(new URL('src/index.html', import.meta.url), `${dist}/index.html`);
