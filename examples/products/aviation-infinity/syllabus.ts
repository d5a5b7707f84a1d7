/** A subject of the theory exam as it is seeded: its chapters by title, each with the names of its topics. */
interface Taught {
  /** The number in the EASA syllabus. */
  readonly code: string;
  readonly title: string;
  /** Whether a private pilot is examined in it; CPL and ATPL include every subject. */
  readonly ppl: boolean;
  readonly chapters: Readonly<Record<string, readonly string[]>>;
}

/** What is taught, in the order of the EASA syllabus. */
export const syllabus: readonly Taught[] = [
  {
    code: '010',
    title: 'Air Law',
    ppl: true,
    chapters: {
      'International Agreements': ['The Chicago Convention', 'Freedoms of the Air', 'Annexes of ICAO'],
      'Rules of the Air': ['Right of Way', 'Visual Flight Rules', 'Instrument Flight Rules', 'Interception'],
      'Air Traffic Services': ['Classes of Airspace', 'Flight Information', 'Alerting'],
      'Personnel Licensing': ['Licences and Ratings', 'Medical Certificates'],
    },
  },
  {
    code: '021',
    title: 'Airframe, Systems and Powerplant',
    ppl: true,
    chapters: {
      'Loads and Structure': ['Stress and Fatigue', 'Wings and Fuselage'],
      'Hydraulics and Landing Gear': ['Hydraulic Systems', 'Brakes and Anti-skid', 'Tyres'],
      Electrics: ['Batteries', 'Generators and Alternators', 'Bus Bars'],
      'Piston Engines': ['Carburettor Icing', 'Mixture', 'Propellers'],
    },
  },
  {
    code: '022',
    title: 'Instrumentation',
    ppl: false,
    chapters: {
      'Air Data Instruments': ['Altimeter', 'Airspeed Indicator', 'Vertical Speed'],
      Gyroscopes: ['Attitude Indicator', 'Directional Gyro', 'Turn Coordinator'],
      'Automatic Flight': ['Flight Director', 'Autopilot'],
      'Warning Systems': ['Terrain Awareness', 'Collision Avoidance'],
    },
  },
  {
    code: '031',
    title: 'Mass and Balance',
    ppl: false,
    chapters: {
      'Terms of Mass': ['Empty and Operating Mass', 'Limits'],
      'Centre of Gravity': ['Moments and Datum', 'Effects on Stability', 'Moving a Load'],
      Cargo: ['Floor Loading', 'Securing a Load'],
    },
  },
  {
    code: '032',
    title: 'Performance',
    ppl: false,
    chapters: {
      'Take-off': ['Declared Distances', 'Decision Speed', 'Contaminated Runways'],
      'Climb and Cruise': ['Climb Gradient', 'Range and Endurance'],
      Landing: ['Landing Distance', 'Go-around Climb'],
    },
  },
  {
    code: '033',
    title: 'Flight Planning and Monitoring',
    ppl: true,
    chapters: {
      'Planning a Visual Flight': ['Charts', 'Fuel Reserves', 'Navigation Log'],
      'Planning an Instrument Flight': ['Airways', 'Alternates'],
      'Before the Flight': ['Notices to Airmen', 'Flight Plan Form'],
    },
  },
  {
    code: '040',
    title: 'Human Performance',
    ppl: true,
    chapters: {
      'Aviation Physiology': ['Hypoxia', 'Vision', 'Spatial Disorientation'],
      'Health and Hygiene': ['Fatigue', 'Alcohol and Medicine'],
      'Aviation Psychology': ['Decision Making', 'Stress', 'Crew Communication'],
    },
  },
  {
    code: '050',
    title: 'Meteorology',
    ppl: true,
    chapters: {
      'The Atmosphere': ['Pressure and Density', 'Temperature', 'Standard Atmosphere'],
      Wind: ['Geostrophic Wind', 'Local Winds', 'Jet Streams'],
      'Clouds and Fog': ['Formation of Clouds', 'Kinds of Fog'],
      'Flight Hazards': ['Icing', 'Turbulence', 'Thunderstorms', 'Windshear'],
      'Weather Information': ['METAR and TAF', 'Significant Weather Charts'],
    },
  },
  {
    code: '061',
    title: 'General Navigation',
    ppl: true,
    chapters: {
      'Basics of Navigation': ['Latitude and Longitude', 'Great Circles', 'Time Zones'],
      Magnetism: ['Variation', 'Deviation'],
      'Dead Reckoning': ['Triangle of Velocities', 'One in Sixty', 'Fixing a Position'],
    },
  },
  {
    code: '062',
    title: 'Radio Navigation',
    ppl: false,
    chapters: {
      'Ground Aids': ['VOR', 'NDB', 'DME'],
      'Approach Aids': ['Localizer', 'Glide Path'],
      'Satellite Navigation': ['Accuracy and Integrity', 'Augmentation', 'Required Performance'],
    },
  },
  {
    code: '070',
    title: 'Operational Procedures',
    ppl: true,
    chapters: {
      Responsibilities: ['The Operator', 'The Commander'],
      'Special Hazards': ['Wake Turbulence', 'Bird Strikes', 'Fire and Smoke'],
      Emergencies: ['Ditching', 'Forced Landing', 'Distress Signals'],
    },
  },
  {
    code: '081',
    title: 'Principles of Flight',
    ppl: true,
    chapters: {
      'Subsonic Aerodynamics': ['Lift', 'Drag', 'Ground Effect'],
      'The Stall': ['Angle of Attack', 'Spin Recovery'],
      Stability: ['Longitudinal Stability', 'Dihedral'],
      Control: ['Primary Controls', 'Trim', 'Adverse Yaw'],
    },
  },
  {
    code: '090',
    title: 'Communications',
    ppl: true,
    chapters: {
      Radiotelephony: ['Phonetic Alphabet', 'Standard Phrases', 'Readback'],
      'Distress and Urgency': ['Mayday', 'Pan-pan', 'Loss of Communication'],
    },
  },
];
