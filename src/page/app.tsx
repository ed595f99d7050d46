import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { DeviceView } from './device/device-view.jsx'
import { FleetView } from './fleet/fleet-view.jsx'
import { Header } from './header.jsx'
import { useStore } from './parts/hooks.js'
import { type Place, placeOf } from './route.js'
import type { FleetStore } from './store/fleet-store.js'
import { SystemView } from './system/system-view.jsx'
import { theme } from './theme.js'

export const App = ({ store }: { readonly store: FleetStore }) => {
  useStore(store)
  const place = usePlace()
  const [shade, setShade] = useState(theme())
  useEffect(() => {
    const bridge = store.bridge?.id ?? 'alec-bridge'
    document.title = place.view === 'device' ? `${place.id} · ${bridge}` : bridge
  }, [place, store.bridge?.id])
  return (
    <>
      <Header store={store} place={place} theme={shade} onTheme={setShade} />
      {store.link === 'lost' && (
        <p class="banner" role="alert">
          {'The connection to the bridge is lost: what you see may be old. Trying again …'}
        </p>
      )}
      {place.view === 'fleet' && <FleetView store={store} />}
      {place.view === 'system' && <SystemView store={store} />}
      {place.view === 'device' && (
        <DeviceView key={place.id} id={place.id} store={store} theme={shade} />
      )}
    </>
  )
}

function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(window.location.hash))
  useLayoutEffect(() => {
    const go = () => setPlace(placeOf(window.location.hash))
    window.addEventListener('hashchange', go)
    return () => window.removeEventListener('hashchange', go)
  }, [])
  return place
}
