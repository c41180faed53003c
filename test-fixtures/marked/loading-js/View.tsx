// Loaded on mount, once.
import * as bodyPix from '@tensorflow-models/body-pix';
import { useEffect, useState } from 'react';

export function View() {
  const [net, setNet] = useState<bodyPix.BodyPix | null>(null);
  useEffect(() => {
    bodyPix.load().then(setNet);
  }, []);
  return <p>{net ? 'ready' : 'loading'}</p>;
}
