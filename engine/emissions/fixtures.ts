/** For the tests: logs as the trackers write them, with made-up figures. */

export const CODECARBON_1 = `timestamp,experiment_id,project_name,duration,emissions,energy_consumed,country_name,country_iso_code,region,on_cloud,cloud_provider,cloud_region
2021-03-02T09:00:00,a1,leaf,34,0.008,0.02,France,FRA,Occitanie,N,,
2021-03-03T09:00:00,b2,leaf,60,0.016,0.04,USA,USA,Ohio,Y,aws,us-east-2
`;

export const CODECARBON_3 = `timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,water_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue,wue
2026-04-01T10:00:00,leaf,r1,e,60,0.001,0.00001,10,100,5,0.001,0.01,0.0005,0.0115,0,France,FRA,occitanie,,,Linux,3.12,3.2.0,8,Some CPU,1,1 x NVIDIA A100,1,43,64,machine,N,1.0,0
2026-04-01T10:01:00,leaf,r1,e,120,0.002,0.00001,10,100,5,0.002,0.02,0.001,0.023,0,France,FRA,occitanie,,,Linux,3.12,3.2.0,8,Some CPU,1,1 x NVIDIA A100,1,43,64,machine,N,1.0,0
2026-04-02T10:00:00,leaf,r2,e,30,0.0005,0.00001,10,100,5,0.0005,0.005,0.0002,0.0057,0,France,FRA,occitanie,,,Linux,3.12,3.2.0,8,Some CPU,1,1 x NVIDIA A100,1,43,64,machine,N,1.0,0
`;

export const CODECARBON_TASKS = `task_name,timestamp,project_name,run_id,duration,emissions,emissions_rate,energy_consumed,country_name
epoch 1,2026-04-01T10:00:30,leaf,r1,50,0.0008,0,0.010,France
epoch 2,2026-04-01T10:01:00,leaf,r1,50,0.0008,0,0.012,France
`;

export const CARBONTRACKER_OUTPUT = `2020-05-17 19:02:11 - MainThread - INFO - CarbonTracker: 
Actual consumption for 2 epoch(s):
\tTime:\t0:00:20
\tEnergy:\t0.000400 kWh
\tCO2eq:\t0.032000 g
\tThis is equivalent to:
\t0.000026 km travelled by car
2020-05-17 19:02:31 - MainThread - INFO - CarbonTracker: 
Predicted consumption for 1000 epoch(s):
\tTime:\t1 day, 2:52:22
\tEnergy:\t0.200000 kWh
\tCO2eq:\t16.000000 g
`;

export const CARBONTRACKER_LOG_TEXT = `2020-05-17 19:02:01 - MainThread - INFO - carbontracker version 1.2.5
2020-05-17 19:02:01 - CarbonTrackerThread - INFO - The following components were found: GPU with device(s) Tesla T4. CPU with device(s) cpu:0.
2020-05-17 19:02:11 - CarbonTrackerThread - INFO - Epoch 1:
2020-05-17 19:02:11 - CarbonTrackerThread - INFO - Duration: 0:00:10.00
2020-05-17 19:02:11 - CarbonTrackerThread - INFO - Average power usage (W) for gpu: [60.]
2020-05-17 19:02:11 - CarbonTrackerThread - INFO - Average power usage (W) for cpu: [10. 2.]
2020-05-17 19:02:21 - CarbonTrackerThread - INFO - Epoch 2:
2020-05-17 19:02:21 - CarbonTrackerThread - INFO - Duration: 0:00:10.00
2020-05-17 19:02:21 - CarbonTrackerThread - INFO - Average power usage (W) for gpu: [72.]
`;

export const ZEUS = `start_time,window_name,elapsed_time,gpu0_energy,gpu1_energy
1767225610.5,epoch_0,10,1800000,1800000
1767225621,epoch, one,10,1800000,3600000
1767225610,training,30,5400000,5400000
`;
