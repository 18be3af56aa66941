// Builds everything the browser gets into dist/: hashed names, precompressed copies, and manifest.json for the Go side.
// Run with `npm run build`. Style sheets and controllers of modules are found by their place in the tree.
import { build } from "esbuild"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync, mkdirSync } from "node:fs"
import { basename, dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"

const here = dirname(fileURLToPath(import.meta.url))
const root = resolve(here, "../..")
const dist = join(here, "dist")
const packages = join(root, "node_modules")
const LAYERS = ["reset", "tokens", "base", "components", "modules", "utilities", "print"]

const list = (folder, suffix) =>
  existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith(suffix)).sort().map((f) => join(folder, f)) : []

/** Folders of pages, which may carry their own css and controllers: modules/x/web and admin/x. */
function pageFolders() {
  const inside = (parent, tail) =>
    existsSync(join(root, parent))
      ? readdirSync(join(root, parent), { withFileTypes: true }).filter((d) => d.isDirectory()).map((d) => join(root, parent, d.name, tail))
      : []
  return [...inside("modules", "web"), ...inside("admin", "")].sort()
}

const webFolders = () => pageFolders().filter((folder) => folder.endsWith("web"))

/** Folders whose css and controllers are for the console alone, so that parents do not fetch them: admin/x and modules/x/web/console. */
function consoleFolders() {
  return pageFolders().flatMap((folder) => folder.endsWith("web") ? [join(folder, "console")] : [folder])
}

const line = (file, layer) => `@import ${JSON.stringify(file)} layer(${layer});`

/** What the console adds to app.css, which says the order of the layers. */
function consoleCSS() {
  return [
    ...list(join(here, "css/console"), ".css").map((file) => line(file, "components")),
    ...consoleFolders().flatMap((folder) => list(folder, ".css")).map((file) => line(file, "modules")),
  ].join("\n")
}

/** What the group app adds to app.css: its frame, and what modules show there alone in modules/x/web/staff. */
function staffCSS() {
  return [
    ...list(join(here, "css/staff"), ".css").map((file) => line(file, "components")),
    ...webFolders().flatMap((folder) => list(join(folder, "staff"), ".css")).map((file) => line(file, "modules")),
  ].join("\n")
}

/** Style sheets for some pages only, in css/page and modules/x/web/page: each by itself, under its own name. Who opens the portal waits for app.css alone. */
const pageStyles = () => [join(here, "css"), ...webFolders()].flatMap((folder) => list(join(folder, "page"), ".css"))

/** The style sheet of every page: every file goes into the layer its place names, so that order never depends on file names. */
function appCSS() {
  const lines = [`@layer ${LAYERS.join(", ")};`, `@import ${JSON.stringify(join(here, "css/fonts.css"))};`]
  for (const layer of LAYERS) {
    const files = layer === "components" ? list(join(here, "css/components"), ".css")
      : layer === "modules" ? webFolders().flatMap((folder) => list(folder, ".css"))
      : layer === "tokens" ? [join(here, "css/tokens.css"), join(here, "css/dark.css")]
      : [join(here, `css/${layer}.css`)]
    lines.push(...files.map((file) => line(file, layer)))
  }
  return lines.join("\n")
}

/** The source of a module that registers controllers under their file name: photo_picker_controller.ts → "photo-picker". */
function controllersModule(files) {
  const name = (file) => basename(file).replace(/_controller\.ts$/, "").replaceAll("_", "-")
  const seen = new Map()
  for (const file of files) {
    if (seen.has(name(file))) throw new Error(`two controllers are called ${name(file)}: ${seen.get(name(file))} and ${file}`)
    seen.set(name(file), file)
  }
  return [
    ...files.map((file, i) => `import c${i} from ${JSON.stringify(file)}`),
    "export default {", ...files.map((file, i) => `${JSON.stringify(name(file))}: c${i},`), "}",
  ].join("\n")
}

const assembled = {
  name: "assembled",
  setup(b) {
    const sources = {
      "app.css": () => ({ contents: appCSS(), loader: "css" }),
      "controllers:app": () => ({ contents: controllersModule([...list(join(here, "js/controllers"), "_controller.ts"), ...webFolders().flatMap((f) => list(f, "_controller.ts"))]), loader: "ts" }),
      "console.css": () => ({ contents: consoleCSS(), loader: "css" }),
      "staff.css": () => ({ contents: staffCSS(), loader: "css" }),
      "controllers:console": () => ({ contents: controllersModule([...list(join(here, "js/console"), "_controller.ts"), ...consoleFolders().flatMap((f) => list(f, "_controller.ts"))]), loader: "ts" }),
      "controllers:staff": () => ({ contents: controllersModule(list(join(here, "js/staff"), "_controller.ts")), loader: "ts" }),
    }
    b.onResolve({ filter: /^((app|staff|console)\.css|controllers:(app|staff|console))$/ }, ({ path }) => ({ path, namespace: "assembled" }))
    b.onResolve({ filter: /^page:/ }, ({ path }) => ({ path: path.slice("page:".length), namespace: "page" }))
    b.onLoad({ filter: /.*/, namespace: "page" }, ({ path }) => ({ contents: line(path, "modules"), loader: "css", resolveDir: here }))
    b.onLoad({ filter: /.*/, namespace: "assembled" }, ({ path }) => ({ ...sources[path](), resolveDir: here }))
    // One list of dark values, for people whose system is dark and for people who chose dark here.
    b.onLoad({ filter: /css[\\/]dark\.css$/ }, ({ path }) => {
      const [before, values] = readFileSync(path, "utf8").split(":dark")
      if (!values) throw new Error("css/dark.css must hold one `:dark { … }` block")
      return { contents: `${before}@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) ${values} }\n:root[data-theme="dark"] ${values}`, loader: "css" }
    })
    // Trix writes <style> elements for its own tags; modules/news/web/page/editor.css has what they said.
    b.onLoad({ filter: /trix[\\/]dist[\\/]trix\.esm\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8")
      const patched = source.replace(/^const installDefaultCSSForTagName = function [\s\S]*?^};$/m, "const installDefaultCSSForTagName = () => {};")
      if (patched === source) throw new Error("this version of Trix installs its style in another way: look again")
      return { contents: patched, loader: "js" }
    })
    // Turbo writes a <style> element for its progress bar as soon as it is imported; our policy forbids inline style, and
    // css/components/progress.css styles the bar. A Turbo that does this another way must fail the build, not the page.
    b.onLoad({ filter: /@hotwired[\\/]turbo[\\/].*esm\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8")
      let patched = source
      for (const call of ["    this.stylesheetElement = this.createStylesheetElement();\n", "    this.installStylesheetElement();\n"]) {
        if (!patched.includes(call)) throw new Error("this version of Turbo installs its progress bar style in another way: look again")
        patched = patched.replace(call, "")
      }
      return { contents: patched, loader: "js" }
    })
  },
}

const shared = {
  bundle: true, minify: true, metafile: true, write: true, legalComments: "none", outdir: dist, absWorkingDir: here,
  entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]", assetNames: "[name]-[hash]", publicPath: "/static/",
  target: ["chrome111", "firefox113", "safari16.4"], loader: { ".woff2": "file" }, plugins: [assembled], nodePaths: [packages], logLevel: "warning",
}

/** The output of an entry point, as a base name. */
function outputOf(metafile, extension, entry) {
  for (const [file, info] of Object.entries(metafile.outputs)) {
    if (file.endsWith(extension) && info.entryPoint?.replace(/^(assembled|page):/, "").endsWith(entry)) return basename(file)
  }
  throw new Error(`esbuild made no ${extension} for ${entry}`)
}

function emit(name, extension, contents) {
  const hash = createHash("sha256").update(contents).digest("base64url").replace(/[-_]/g, "").slice(0, 8).toUpperCase()
  const file = `${name}-${hash}${extension}`
  writeFileSync(join(dist, file), contents)
  return file
}

/** One SVG with the icons named in icons.txt as symbols; colour, width and caps of the lines come from the page's css. */
function iconSprite() {
  const names = readFileSync(join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean)
  const symbols = names.map((name) => {
    const source = join(packages, "lucide-static/icons", `${name}.svg`)
    if (!existsSync(source)) throw new Error(`icons.txt names "${name}", which lucide does not have`)
    const inner = readFileSync(source, "utf8").replace(/<!--[\s\S]*?-->/g, "").replace(/[\s\S]*?<svg[\s\S]*?>/, "").replace("</svg>", "").replace(/\s*\n\s*/g, "").replaceAll(" />", "/>")
    return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`
}

mkdirSync(dist, { recursive: true })
for (const file of readdirSync(dist)) if (file !== ".gitkeep") rmSync(join(dist, file), { recursive: true })

/** The model that finds faces: its weights, and the description that names their file. */
function facesModel() {
  const folder = join(packages, "@vladmandic/human/models")
  const description = JSON.parse(readFileSync(join(folder, "blazeface.json"), "utf8"))
  for (const group of description.weightsManifest) group.paths = group.paths.map((path) => emit(basename(path, ".bin"), ".bin", readFileSync(join(folder, path))))
  return emit("faces", ".json", JSON.stringify(description))
}

const css = await build({ ...shared, entryPoints: [{ in: "app.css", out: "app" }, { in: "staff.css", out: "staff" }, { in: "console.css", out: "console" }, { in: "js/viewer.css", out: "viewer" },
  ...pageStyles().map((file) => ({ in: "page:" + file, out: basename(file, ".css") }))] })
const viewerCSS = outputOf(css.metafile, ".css", "js/viewer.css")
const faces = facesModel()
const js = await build({
  ...shared, format: "esm", splitting: true,
  entryPoints: ["js/app.ts", "js/staff.ts", "js/console.ts"],
  define: { VIEWER_CSS: JSON.stringify("/static/" + viewerCSS), FACES_MODEL: JSON.stringify("/static/" + faces),
    WebAssembly: "undefined" }, // the detector looks whether it may compile, and our policy says no
})

// A file by itself, without exports: browsers keep it under one address.
const worker = await build({ ...shared, format: "iife", entryPoints: ["js/service_worker.ts"] })

const files = {}
const add = (name, file, extra = {}) => {
  const body = readFileSync(join(dist, file))
  const entry = { file, bytes: body.length, ...extra }
  if (!file.endsWith(".woff2")) {
    const br = brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } })
    const gz = gzipSync(body, { level: 9 })
    writeFileSync(join(dist, file + ".br"), br)
    writeFileSync(join(dist, file + ".gz"), gz)
    Object.assign(entry, { br: br.length, gz: gz.length })
  }
  files[name] = entry
}
/** Chunks that an entry loads at once; the page preloads them beside it. */
const importsOf = (file) => js.metafile.outputs[relative(here, join(dist, file))].imports.filter((i) => i.kind === "import-statement").map((i) => basename(i.path))

add("app.css", outputOf(css.metafile, ".css", "app.css"))
add("staff.css", outputOf(css.metafile, ".css", "staff.css"))
add("console.css", outputOf(css.metafile, ".css", "console.css"))
add("viewer.css", viewerCSS)
for (const file of pageStyles()) add(basename(file), outputOf(css.metafile, ".css", file))
for (const [file, info] of Object.entries(css.metafile.outputs)) {
  if (file.endsWith(".woff2")) add(basename(Object.keys(info.inputs)[0]), basename(file))
}
for (const [file, info] of Object.entries(js.metafile.outputs)) {
  const name = basename(file)
  const entry = info.entryPoint && basename(info.entryPoint).replace(/\.ts$/, ".js")
  add(entry ?? name, name, { imports: importsOf(name) })
}
add("service_worker.js", outputOf(worker.metafile, ".js", "js/service_worker.ts"))
for (const file of readdirSync(dist).filter((f) => /^(faces|blazeface)-.*\.(json|bin)$/.test(f))) add(file, file)
add("icons.svg", emit("icons", ".svg", iconSprite()))
add("mark.svg", emit("mark", ".svg", readFileSync(join(here, "mark.svg"))))
writeFileSync(join(dist, "manifest.json"), JSON.stringify(files, null, 1) + "\n")

for (const [name, { bytes, br }] of Object.entries(files)) console.log(`${name.padEnd(34)} ${String(bytes).padStart(7)} B ${br ? String(br).padStart(6) + " B brotli" : ""}`)
