import { it } from 'vitest'
import { Random, SimulatedDevice, sensorKindNames, sensorKinds, noFaults, type NodeFrames } from '../../firmware-sim/index.js'
import { compileProfile, DeviceStream } from '../../src/device/index.js'
import { deviceSourceId } from '../../src/alec/index.js'
const from = Number(process.env.FROM ?? 0), to = Number(process.env.TO ?? 300), only = process.env.ONLY
it('campaign', () => {
  const start = Date.UTC(2026,0,1)
  let frames = 0, readings = 0, good = 0, wrong = 0, broken = 0; const firsts: string[] = []
  const t0 = performance.now()
  for (let seed = from; seed < to; seed++) {
    const r = new Random(seed).fork('campaign')
    const kind = (only as NodeFrames) ?? (['compact','compact','compact','standard','adaptive-multi','plain-multi'] as const)[r.below(6)]!
    const profile = kind === 'compact' && r.chance(0.4) ? 'closed-loop' as const : 'alec-1.3' as const
    const names = [...sensorKindNames].sort(() => r.next() - 0.5).slice(0, 1 + r.below(4))
    const intervalMs = [1000, 60_000, 600_000][r.below(3)]!
    const suppresses = kind === 'standard' && r.chance(0.3)
    const spec = { id: 'd', frames: kind, profile, intervalMs, keyframeInterval: [0, 10, 50][r.below(3)]!, scale: 100, checksum: r.chance(0.5), suppresses, timeLapse: 1,
      channels: names.map((name, i) => ({ name, kind: sensorKinds[name], source: i + 1 })) }
    const some = (rate: number) => r.chance(0.5) ? r.next() * rate : 0
    const rates = { ...noFaults, reboots: some(0.01), bootLoss: r.below(11), notFinite: kind==='compact' ? some(0.002) : 0, loss: some(0.2), bursts: some(0.01), silences: some(0.002), silenceMs: 20 * intervalMs, duplicates: some(0.05), reorders: some(0.05), displacement: 1 + r.below(4), truncated: some(0.01), garbage: some(0.01), downlinkLoss: some(0.5) }
    const device = new SimulatedDevice(spec, rates, new Random(seed), start)
    const p = compileProfile({ frames: kind === 'compact' ? 'compact' : 'standard', checksum: spec.checksum, profile, intervalMs, scale: 100, keyframeInterval: spec.keyframeInterval, multi: kind === 'plain-multi' ? 'plain' : 'adaptive', suppresses,
      channels: names.map((name, i) => ({ name, quantity: sensorKinds[name].quantity, resolution: sensorKinds[name].resolution, min: sensorKinds[name].min, max: sensorKinds[name].max, maxStep: sensorKinds[name].maxStep, source: i + 1 })) })
    const stream = new DeviceStream(p)
    const downlinks = r.chance(0.5), skip = r.chance(0.3) ? r.below(300) : 0
    for (let i = 0; i < 1500; i++) {
      const at = device.nextAt
      for (const { bytes, frame, what } of device.step(at)) {
        if (i < skip) continue
        frames++
        const out = stream.accept({ device: 'd', bytes, mono: at - start, wall: at, integrity: 'crc32', source: 's' }, [])
        if (out.kind !== 'decoded') continue
        for (const c of out.channels) {
          readings++
          const truth = frame!.values[p.names.indexOf(c.name)]!
          const off = Math.abs(c.value - truth)
          if (c.quality === 'bad') continue
          const where = `seed ${seed} ${kind} ${profile} ${c.name} step ${i} seq ${out.seq} ${what}: ${c.value}±${c.bound} truth ${truth} supp ${suppresses}`
          if (Number.isFinite(c.bound) && !(off <= c.bound)) { broken++; if (firsts.length < 12 && !firsts.some(f => f.startsWith(`seed ${seed} `))) firsts.push('BROKEN ' + where) }
          if (c.quality === 'good') { good++; if (!(off <= p.tolerances[p.names.indexOf(c.name)]!)) { wrong++; if (firsts.length < 12 && !firsts.some(f => f.includes(`seed ${seed} `))) firsts.push('WRONG ' + where) } }
        }
        if (downlinks && stream.sync.recovering) device.receive(Uint8Array.of(0xff))
      }
    }
  }
  console.log(JSON.stringify({ frames, readings, good, wrong, broken, ms: Math.round(performance.now() - t0) }), '\n' + firsts.join('\n'))
}, 300_000)
