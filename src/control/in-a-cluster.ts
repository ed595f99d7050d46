/** Why devices are not changed by one of several bridges: all of them have to agree on it. */
export const IN_A_CLUSTER =
  'not while bridges share their devices (cluster): change the file of each, and restart them one after the other'
