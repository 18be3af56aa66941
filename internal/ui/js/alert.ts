/** Says the words of a template of the page, at the place of the toasts. A link in it leads to href. */
export function alertWith(template: string, href?: string): void {
  const words = document.getElementById(template) as HTMLTemplateElement | null
  const toasts = document.getElementById("toasts")
  if (!words || !toasts) return
  const said = words.content.cloneNode(true) as DocumentFragment
  if (href) said.querySelector("a")?.setAttribute("href", href)
  toasts.querySelector('[role="alert"]')?.remove()
  toasts.append(said)
}
