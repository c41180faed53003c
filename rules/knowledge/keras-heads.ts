/**
 * What `include_top=False` leaves out: parameters, in millions, of the 1000-class classifiers of `keras.applications`.
 * Keras, “Keras Applications”: features of the last pooling × 1000 + 1000; VGG’s three dense layers hold most of it.
 */
const HEADS: readonly (readonly [RegExp, number])[] = [
  [/^VGG1[69]$/, 123.6],
  [/^(?:ResNet\w+|InceptionV3|Xception)$/, 2.05],
  [/^InceptionResNetV2$/, 1.54],
  [/^(?:MobileNetV2|EfficientNet(?:B[01]|V2B[0-2]|V2[SML]))$/, 1.28],
  [/^(?:MobileNet|DenseNet121)$/, 1.03],
  [/^DenseNet169$/, 1.67],
  [/^DenseNet201$/, 1.92],
  [/^NASNetMobile$/, 1.06],
];

/** Parameters, in millions, that a network of `keras.applications` holds without its classifier. */
export function withoutHead(id: string, params: number): number {
  return params - (HEADS.find(([name]) => name.test(id))?.[1] ?? 0);
}
