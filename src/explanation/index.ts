export {
  type ExplainedChannel,
  type ExplainedField,
  type ExplainedReadings,
  Explainer,
  type Explanation,
} from './explainer.js'
export { explanationText } from './explanation-text.js'
export {
  afterwardsText,
  continuityText,
  declaredText,
  deltaText,
  eventText,
  isoSeconds,
  predictionText,
  skippedText,
} from './phrases.js'
