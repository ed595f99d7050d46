import { Icon } from '../parts/icons.jsx'
import type { Asking } from './use-asking.js'

/** What became of it, for eyes and for screen readers; always there, so that these hear when it changes. */
export const Result = ({ asking }: { readonly asking: Asking }) => (
  <div class={`result result-${asking.state}`} role="status">
    {asking.state === 'asked' && 'Asking …'}
    {asking.state === 'done' && (
      <>
        <Icon shape="healthy" />
        {asking.words}
      </>
    )}
    {asking.state === 'refused' && (
      <>
        <Icon shape="unhealthy" />
        <span>
          <b>Not done:</b> {asking.problems.join('; ')}
        </span>
      </>
    )}
  </div>
)
