/** What `--preprocess` takes, for a list. */
export const PREPROCESS_PARTS: readonly { readonly name: string; readonly summary: string }[] = [
  { name: 'auto', summary: 'alone: of the usual ways, the one that gets most test samples right' },
  { name: 'range', summary: 'bounds that pixels are scaled to: range=0..1, range=0..255' },
  { name: 'mean', summary: 'taken off after that, one value or one a channel: mean=0.485,0.456,0.406' },
  { name: 'std', summary: 'divided by after that, one value or one a channel: std=0.229,0.224,0.225' },
  { name: 'order', summary: 'of the colours that the model takes: order=rgb, order=bgr' },
  { name: 'layout', summary: 'of the axes that the model takes: layout=nchw, layout=nhwc' },
];
