export type Theme = 'light' | 'dark'

const KEY = 'alec-theme'

/** The one that was chosen here, else that of the system. */
export function theme(): Theme {
  const chosen = stored()
  if (chosen) return chosen
  return window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme()
}

export function choose(chosen: Theme): void {
  try {
    localStorage.setItem(KEY, chosen)
  } catch {
    // Where nothing may be stored it holds as long as the page.
  }
  document.documentElement.dataset.theme = chosen
}

function stored(): Theme | undefined {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'light' || value === 'dark' ? value : undefined
  } catch {
    return undefined
  }
}
