// WebGPU takes 32 bits too, unless told.
import { pipeline } from '@huggingface/transformers';

const heavy = await pipeline('automatic-speech-recognition', 'onnx-community/whisper-base', { device: 'webgpu' }); // ~ full-precision-js-model
const light = await pipeline('automatic-speech-recognition', 'onnx-community/whisper-base', { device: 'webgpu', dtype: 'fp16' });
document.getElementById('go').addEventListener('click', async () => {
  console.log(await heavy('a.wav'), await light('a.wav'));
});
