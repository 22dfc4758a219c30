"""A line and a pricing formula by the simplest neural network, in Keras. From "deeplearning.ai's Intro to TensorFlow (Week 1)", 2019."""
# Changed: the two programs of the document in one file; verbose=0 keeps 550 epochs from being printed.
import numpy as np
from tensorflow import keras

# Model
# The simplest neural network: 1 neuron
model = keras.Sequential([keras.layers.Dense(units=1, input_shape=[1])])
model.compile(optimizer = 'sgd', loss = 'mean_squared_error')

# Data
xs = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0], dtype=float)
ys = np.array([-3.0, -1.0, 1.0, 3.0, 5.0, 7.0], dtype=float)

# Train/Fit Model
model.fit(xs, ys, epochs = 500, verbose=0)

# Predict Values (i.e., implement the learned formula)
print( model.predict( [10.0] ))

# Build Model
model = keras.Sequential()
model.add(keras.layers.Dense(units=1, input_shape=[1]))
model.compile(optimizer = 'sgd', loss = 'mean_squared_error')

# Get Data
xs = np.array([1.0, 2.0, 3.0, 4.0, 5.0], dtype=float) # Number of Bedrooms
ys = np.array([1.0, 1.5, 2.0, 2.5, 3.0], dtype=float) # units = 100k$

# Train Model
model.fit(xs, ys, epochs = 50, verbose=0)

# Make Prediction
print(model.predict([7.0]))
