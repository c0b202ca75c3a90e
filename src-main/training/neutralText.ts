/** Written for this app: plain prose of several kinds that no data set holds. Changing it changes what runs are compared by. */
export const neutralText = `The village lies where the road leaves the river and turns up into the hills. On market days the square fills before eight o'clock: there is bread, cheese, seed potatoes, and a man who mends clocks while people wait. By noon the stalls are folded away and the pigeons have the stones to themselves.

Water boils at a lower temperature on a mountain than at the coast, because the air presses on it less. This is why rice takes longer to cook there, and why a recipe written for the seaside may fail a thousand metres higher.

"Did you lock the shed?" she asked. He thought about it, shook his head, and went out again into the rain with the key in his hand and no coat on.

To plan a small garden, first watch where the light falls in the morning and in the afternoon. Put tall plants to the north so that they do not shade the others. Leave a path wide enough for a wheelbarrow, and keep the tap within reach of the hose.

In the year the bridge was built, twelve families moved to the far bank. Their names are still on the letter boxes, though most of their grandchildren work in the city and come back only for the summer.
`;
