import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

/** Path of the system's Chromium. Nothing is downloaded: the set-up installs it. */
export function chromium(): string {
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const path = join(folder, name)
      try {
        accessSync(path, constants.X_OK)
        return path
      } catch {
        // not here
      }
    }
  }
  throw new Error("No Chromium in PATH; scripts/setup --test installs it.")
}
