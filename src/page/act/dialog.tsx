import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

interface DialogProps {
  readonly title: string
  /** What the button is called that does it. */
  readonly verb: string
  /** Whether something is lost by it. */
  readonly destructive?: boolean
  readonly children: ComponentChildren
  /** With the form's fields, those that are empty left out. */
  onConfirm(fields: Readonly<Record<string, string>>): void
  /** It is closed, by whichever button or by Escape. */
  onClose(): void
}

/** Asks before something is done. The browser keeps the keyboard inside, and gives it back afterwards. */
export const Dialog = ({ title, verb, destructive, children, onConfirm, onClose }: DialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onClose={onClose}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const fields: Record<string, string> = {}
          for (const [name, value] of new FormData(event.currentTarget))
            if (typeof value === 'string' && value.trim() !== '') fields[name] = value.trim()
          dialog.current?.close()
          onConfirm(fields)
        }}
      >
        <h2 id={`${id}-title`}>{title}</h2>
        <div id={`${id}-text`} class="dialog-text">
          {children}
        </div>
        <div class="buttons">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={`button ${destructive ? 'button-bad' : 'button-main'}`}>
            {verb}
          </button>
        </div>
      </form>
    </dialog>
  )
}
