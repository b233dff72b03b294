/*
 * Images of 16x16 pixels and what Pillow 13.0 (libjpeg-turbo) makes of them at quality 40, without subsampling: bytes, in
 * base64, of channels, rows and columns. The grey one is also the red channel of the coloured one.
 */

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));

export const COLOURED = bytes(
  'gKC91OHj2sitjmxNNCMcIJOxydrg3M63mnpbPysgICqiuszW1s27ooZpTzksKC08qbrFycS4pY92X0s9NzhBUaawtbStoZKAbl5S' +
    'S0pOWGaanp+clo6EeXBoYmBhZm13hoeGhYSBf317eXl5eXt9f25ucHN4foSJjpCRkI2Jg31WWWBqd4WSnaWpqKOajoBzQkpYan+U' +
    'prS8vrmtnYl0YDdGW3SPqLzK0MzBrpZ7Yks1S2aFo73Q2tvRvqWHaU02PVh4mbfP3uLczLOVdFQ6J0xrjKvG2eLg1L6igWFDLR9g' +
    'f525ztrd1cSrjW5ROSkidI+pvszRzsKvlnthSjgvLtrXzsGwnIZvWkc3LCYmKzba187BsJyGb1pHNywmJis22tfOwbCchm9aRzcs' +
    'JiYrNtrXzsGwnIZvWkc3LCYmKzba187BsJyGb1pHNywmJis22tfOwbCchm9aRzcsJiYrNtrXzsGwnIZvWkc3LCYmKzba187BsJyG' +
    'b1pHNywmJis22tfOwbCchm9aRzcsJiYrNtrXzsGwnIZvWkc3LCYmKzba187BsJyGb1pHNywmJis22tfOwbCchm9aRzcsJiYrNtrX' +
    'zsGwnIZvWkc3LCYmKzba187BsJyGb1pHNywmJis22tfOwbCchm9aRzcsJiYrNtrXzsGwnIZvWkc3LCYmKzaAcmVZTkQ8NjIwMDI3' +
    'PUZQmo2AcmVZTkQ8NjIwMDI3PbGmmo2AcmVZTkQ8NjIwMDLDu7Gmmo2AcmVZTkQ8NjIwzcnDu7Gmmo2AcmVZTkQ8Ns/PzcnDu7Gm' +
    'mo2AcmVZTkTIzc/PzcnDu7Gmmo2AcmVZucLIzc/PzcnDu7Gmmo2AcqSvucLIzc/PzcnDu7Gmmo2LmKSvucLIzc/PzcnDu7GmcH2L' +
    'mKSvucLIzc/PzcnDu1djcH2LmKSvucLIzc/PzclDTFdjcH2LmKSvucLIzc/PNTtDTFdjcH2LmKSvucLIzTAxNTtDTFdjcH2LmKSv' +
    'ucIzMDAxNTtDTFdjcH2LmKSv',
);

export const GREY_DECODED = bytes(
  'hKHB1+Xq3syvkW1PMx8cJpexy9je28m0mHxbQSscHiqkus/V08q0nX9mSzkrJCw7orXFx8S7ppBxXEg/OThEVZ2stbKtp5aDalpO' +
    'TExNWGiXoKKZkpCFd21hXGBhX2Zyg4qIfn2Dg3t9dXV8fHR1fGxycmxygouJj4mLk5KHg4dUWmNsdoOTnqinpaSekH5xPUhZbH6S' +
    'p7TBvLWrnIZtXC8/WHKMpbzK1MzAr5h6W0c1SGaEn7bK1tXLu6aMbE05QVd5mrXK2eLSxK6Tdlc6KE1liq3H1+Lo0L2ffl9CKRpj' +
    'ep27zdbZ2sKtjGtQOiogeY6sw83Mx8Oxm3xeSj42MQ==',
);

export const COLOURED_DECODED = bytes(
  'iZ692+vlz761kmZEJxQXJJipw9vm3sW0o4NeQCkbHi2qt8jZ3c+3o4dtUj8wJi47tbvGzsy9pZJyX01FPjhAT6+xtbm2qZWGbF5U' +
    'VFRQVmSZmZqenpaJfnZraGxsZ2x2fn2AhYmJgnuHf36FhXt7gmtrbXV9gn97lI2Ok5KHg4pVWF5sfI+gqauusKyfindrTlNfcIWa' +
    'rLW5uLarmYNtYUNNYXmVrb/JzMe6qI90XlA+TmiIp8HR2tvRu59/Yks/RFh2m7rO2+Dfz7KQbVA8MVVpia3H19vb18OjfVtBMilp' +
    'fJy70djW0cmzkWtLNisodoqoxNbY0Mm9qIdgQzEpKNvWzsO1n4Z0WUc3MSkjKDXb1c3Cs5yDclhHNjApIyo229XLwbCZgG9XRTYu' +
    'KCMpN9vVy7+tl35tV0Q0LSciKzjb1cq+rJZ+bldFNC0nIis429XKvq6YgXFZRjUuJyMrONzVzMCvmoN0W0g2LicjKzjc1svAsZyG' +
    'd1tINy4oIys52dbOwq2WgHNOQzQlHyQrMtfUz8Kul4J0UEY1KCEkLTLW1c/DsJmDdlRJOCkkJi0z1dPPw7GahHhVSzotJSguNNXU' +
    'z8Wym4Z4Vkw8LicpLzTX1tHGs5yFd1RKOy0mJy0y2djTyLSbhXZSSDkrJSYrMdrZ1Mm0m4N1UEY3KSMlKy+He2ZVSUA5MzAnJS01' +
    'NkJRmIp3ZlpQR0A5LyowMTA6R66jkoN3a2FZST01NjMqLzjEuq2imIx/dWBTSUM7LioyzsnBurSpm5J+b2NcTjw1Oc3LysvIv7Sp' +
    'nIyCeWpWTU/Ex8zS1M7DurSmnJaHcWhpvsLK09nXzMPCtaykl4N5e6CntcPLzcvJ0M3Kv7Kkl5CTm6e2wMTExNHRzca+sqikfYOQ' +
    'nqu0t7rP0M7OzMfEwWJodIGPm6SpxMbKzdLV1thKTldjcX6LkbC0t8HI0tfbOTs/R1RibneWmZ6osr7Hyy8tLzI8SlhhfH6Fi5aj' +
    'rbQqKCUnLz5LU21vcnqEkZyh',
);
